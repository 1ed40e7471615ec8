package main

import (
	"context"
	"path"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// callWatch reports every call at the frontend, and holds or refuses those that a rule names.
type callWatch struct {
	systemName string
	rules      *ruleBook
	report     *reporter
	lastID     atomic.Int64
}

// call is what is known of one call at its start.
type call struct {
	Event     string  `json:"event"`
	T         float64 `json:"t"`
	ID        int64   `json:"id"`
	Method    string  `json:"method"`
	Namespace string  `json:"namespace,omitempty"`
	Identity  string  `json:"identity,omitempty"`
	Serial    string  `json:"serial,omitempty"`
	CN        string  `json:"cn,omitempty"`
	Remote    string  `json:"remote,omitempty"`
	Resumed   bool    `json:"resumed"`
	// Tag is the caller's metadata x-rotey-tag: shows that metadata set on a client arrives.
	Tag string `json:"tag,omitempty"`
	// Bearer says whether the call came with an API key, never which.
	Bearer bool `json:"bearer,omitempty"`
}

type doneLine struct {
	Event string  `json:"event"`
	T     float64 `json:"t"`
	ID    int64   `json:"id"`
	Code  string  `json:"code"`
}

func (w *callWatch) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	c, ours := w.begin(ctx, info.FullMethod, request)
	if ours {
		return next(ctx, request)
	}
	var response any
	err := w.rules.apply(ctx, c)
	if err == nil {
		response, err = next(ctx, request)
	}
	w.end(c, err)
	return response, err
}

// stream sees the streams of all services; only the frontend's concern anybody.
func (w *callWatch) stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if strings.HasPrefix(info.FullMethod, "/temporal.server.api.historyservice.") {
		return next(server, stream)
	}
	c, ours := w.begin(stream.Context(), info.FullMethod, nil)
	if ours {
		return next(server, stream)
	}
	err := w.rules.apply(stream.Context(), c)
	if err == nil {
		err = next(server, stream)
	}
	w.end(c, err)
	return err
}

// begin reports the start of a call, unless it is one of the server's own worker.
func (w *callWatch) begin(ctx context.Context, fullMethod string, request any) (c *call, ours bool) {
	c = &call{Event: "rpc", Method: path.Base(fullMethod)}
	c.describePeer(ctx)
	if w.systemName != "" && c.CN == w.systemName {
		return c, true
	}
	if r, ok := request.(interface{ GetNamespace() string }); ok {
		c.Namespace = r.GetNamespace()
	}
	if r, ok := request.(interface{ GetIdentity() string }); ok {
		c.Identity = r.GetIdentity()
	}
	c.describeMetadata(ctx)
	c.ID = w.lastID.Add(1)
	c.T = now()
	w.report.send(c)
	return c, false
}

func (w *callWatch) end(c *call, err error) {
	w.report.send(doneLine{Event: "done", T: now(), ID: c.ID, Code: codeName(status.Code(err))})
}

func (c *call) describeMetadata(ctx context.Context) {
	if tags := metadata.ValueFromIncomingContext(ctx, "x-rotey-tag"); len(tags) > 0 {
		c.Tag = tags[0]
	}
	for _, value := range metadata.ValueFromIncomingContext(ctx, "authorization") {
		c.Bearer = c.Bearer || strings.HasPrefix(value, "Bearer ")
	}
}

func (c *call) describePeer(ctx context.Context) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return
	}
	c.Remote = p.Addr.String()
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok {
		return
	}
	c.Resumed = info.State.DidResume
	if len(info.State.PeerCertificates) > 0 {
		leaf := info.State.PeerCertificates[0]
		c.Serial = serialHex(leaf.SerialNumber)
		c.CN = leaf.Subject.CommonName
	}
}
