package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"google.golang.org/grpc/codes"
)

// codeName spells a gRPC code as the protocol's documents do: PERMISSION_DENIED.
func codeName(code codes.Code) string {
	for name, c := range codesByName {
		if c == code {
			return name
		}
	}
	return fmt.Sprintf("CODE_%d", code)
}

// parseCode accepts the spelling of codeName.
func parseCode(name string) (codes.Code, error) {
	if code, ok := codesByName[name]; ok {
		return code, nil
	}
	return codes.Unknown, fmt.Errorf("no such gRPC code: %q", name)
}

// serialHex spells a serial number as OpenSSL and Node do: upper case, an even number of digits.
func serialHex(serial *big.Int) string {
	text := strings.ToUpper(serial.Text(16))
	if len(text)%2 == 1 {
		return "0" + text
	}
	return text
}

var codesByName = func() map[string]codes.Code {
	names := []string{
		"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
		"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
		"INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
	}
	byName := make(map[string]codes.Code, len(names))
	for _, name := range names {
		var code codes.Code
		quoted, _ := json.Marshal(name)
		if err := code.UnmarshalJSON(quoted); err != nil {
			panic(err)
		}
		byName[name] = code
	}
	return byName
}()
