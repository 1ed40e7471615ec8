package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"go.temporal.io/server/common/rpc/encryption"
)

// lookEvery is how often open connections are looked at, and how often the accepted CAs are compared.
const lookEvery = 20 * time.Millisecond

// sessionWatch is the server's own provider of TLS configurations. In addition it reports every TLS session that a
// client opens at the frontend, with its certificate, and the end of each.
type sessionWatch struct {
	encryption.TLSConfigProvider
	systemName string
	report     *reporter
	mu         sync.Mutex
	lastID     int64
	open       map[*session]struct{}
}

// session is one TCP connection at the frontend, from the client's hello on.
type session struct {
	conn   syscall.RawConn
	id     int64
	remote string
	proven bool // the handshake ended well
	hidden bool // the server's own worker
}

// sessionLine is written when the handshake has ended well ("session") and when the connection has closed
// ("session-end"). A connection that closes before its handshake ended well is one "handshake-failed".
type sessionLine struct {
	Event   string  `json:"event"`
	T       float64 `json:"t"`
	ID      int64   `json:"id"`
	Remote  string  `json:"remote"`
	Serial  string  `json:"serial,omitempty"`
	CN      string  `json:"cn,omitempty"`
	Resumed bool    `json:"resumed,omitempty"`
}

func newSessionWatch(provider encryption.TLSConfigProvider, systemName string, report *reporter) *sessionWatch {
	w := &sessionWatch{TLSConfigProvider: provider, systemName: systemName, report: report, open: map[*session]struct{}{}}
	go w.lookForClosed()
	return w
}

// GetFrontendServerConfig is called once by the frontend; the configuration that it returns asks again for each client.
func (w *sessionWatch) GetFrontendServerConfig() (*tls.Config, error) {
	original, err := w.TLSConfigProvider.GetFrontendServerConfig()
	if err != nil || original == nil {
		return original, err
	}
	watching := original.Clone()
	watching.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		current, err := original.GetConfigForClient(hello)
		if err != nil || current == nil {
			return current, err
		}
		s := w.begin(hello.Conn)
		current = current.Clone()
		current.VerifyConnection = func(state tls.ConnectionState) error {
			w.prove(s, state)
			return nil
		}
		return current, nil
	}
	return watching, nil
}

func (w *sessionWatch) begin(conn net.Conn) *session {
	s := &session{remote: conn.RemoteAddr().String()}
	if c, ok := conn.(syscall.Conn); ok {
		s.conn, _ = c.SyscallConn()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lastID++
	s.id = w.lastID
	w.open[s] = struct{}{}
	return s
}

func (w *sessionWatch) prove(s *session, state tls.ConnectionState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.proven = true
	line := sessionLine{Event: "session", T: now(), ID: s.id, Remote: s.remote, Resumed: state.DidResume}
	if len(state.PeerCertificates) > 0 {
		line.Serial = serialHex(state.PeerCertificates[0].SerialNumber)
		line.CN = state.PeerCertificates[0].Subject.CommonName
	}
	s.hidden = w.systemName != "" && line.CN == w.systemName
	if !s.hidden {
		w.report.send(line)
	}
}

// lookForClosed polls, because no hook of gRPC or crypto/tls that is within reach tells of a closed connection.
func (w *sessionWatch) lookForClosed() {
	for range time.Tick(lookEvery) {
		w.mu.Lock()
		for s := range w.open {
			if s.conn != nil && s.conn.Control(func(uintptr) {}) == nil {
				continue
			}
			delete(w.open, s)
			if s.hidden || s.conn == nil {
				continue
			}
			line := sessionLine{Event: "session-end", T: now(), ID: s.id, Remote: s.remote}
			if !s.proven {
				line.Event = "handshake-failed"
			}
			w.report.send(line)
		}
		w.mu.Unlock()
	}
}

// awaitClientCAs returns when new connections are measured against exactly the CAs of this file: the frontend reads its
// files again only every global.tls.refreshInterval.
func (w *sessionWatch) awaitClientCAs(file string, timeout time.Duration) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	wanted := x509.NewCertPool()
	if !wanted.AppendCertsFromPEM(text) {
		return fmt.Errorf("no certificate in %s", file)
	}
	for deadline := time.Now().Add(timeout); ; time.Sleep(lookEvery) {
		original, err := w.TLSConfigProvider.GetFrontendServerConfig()
		if err != nil {
			return err
		}
		current, err := original.GetConfigForClient(&tls.ClientHelloInfo{Conn: nowhere{}})
		if err != nil {
			return err
		}
		if current.ClientCAs.Equal(wanted) {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.New("the server still accepts other CAs")
		}
	}
}

// nowhere is a connection that only has an address, because the server's provider logs it.
type nowhere struct{ net.Conn }

func (nowhere) RemoteAddr() net.Addr { return &net.TCPAddr{} }
