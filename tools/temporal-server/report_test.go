package main

import (
	"bufio"
	"encoding/json"
	"io"
	"math/big"
	"testing"

	"google.golang.org/grpc/codes"
)

func TestASlowReaderMakesNobodyWait(t *testing.T) {
	in, out := io.Pipe() // a write waits for its reader
	r := newReporter(out)
	for range queueLimit + 100 {
		r.send(readyLine{Event: "ready"})
	}
	r.sendAlways(reply{Event: "reply", OK: true})

	lines, dropped, replies := 0, 0, 0
	for scanner := bufio.NewScanner(in); dropped == 0 && scanner.Scan(); lines++ {
		var line struct {
			Event string
			Count int
		}
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		dropped += line.Count
		if line.Event == "reply" {
			replies++
		}
	}
	if replies != 1 || dropped == 0 || lines+dropped < queueLimit+100 {
		t.Errorf("%d lines, %d dropped, %d replies", lines, dropped, replies)
	}
}

func TestCodesAndSerialsAreSpelledAsElsewhere(t *testing.T) {
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		if back, err := parseCode(codeName(code)); err != nil || back != code {
			t.Errorf("%v: %v %v", code, back, err)
		}
	}
	if _, err := parseCode("NOPE"); err == nil {
		t.Error("NOPE is no code")
	}
	for number, want := range map[int64]string{0: "00", 0xa: "0A", 0xabc: "0ABC", 0xff00: "FF00"} {
		if got := serialHex(big.NewInt(number)); got != want {
			t.Errorf("%x: %s, want %s", number, got, want)
		}
	}
}
