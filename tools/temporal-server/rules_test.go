package main

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestTheNewestMatchingRuleCounts(t *testing.T) {
	book := &ruleBook{}
	book.add(&rule{id: "1", refuse: true, code: codes.PermissionDenied})
	book.add(&rule{id: "2", serial: "0A", methods: []string{"A", "B"}, namespace: "n", refuse: true, code: codes.Aborted})
	for _, c := range []struct {
		call call
		want codes.Code
	}{
		{call{Serial: "0A", Method: "B", Namespace: "n"}, codes.Aborted},
		{call{Serial: "0B", Method: "B", Namespace: "n"}, codes.PermissionDenied},
		{call{Serial: "0A", Method: "C", Namespace: "n"}, codes.PermissionDenied},
		{call{Serial: "0A", Method: "A", Namespace: "m"}, codes.PermissionDenied},
	} {
		if got := status.Code(book.apply(context.Background(), &c.call)); got != c.want {
			t.Errorf("%+v: %v, want %v", c.call, got, c.want)
		}
	}
	if book.clear("2") != 1 || book.clear("2") != 0 || book.clear("") != 1 {
		t.Error("clear does not count")
	}
	if err := book.apply(context.Background(), &call{}); err != nil {
		t.Error("refused without a rule:", err)
	}
}

func TestAHeldCallEndsWithTheRuleOrTheCaller(t *testing.T) {
	book := &ruleBook{}
	book.add(&rule{id: "1", delay: forever})
	held := make(chan error, 1)
	go func() { held <- book.apply(context.Background(), &call{}) }()
	select {
	case <-held:
		t.Fatal("not held")
	case <-time.After(20 * time.Millisecond):
	}
	book.clear("1")
	if err := <-held; err != nil {
		t.Error(err)
	}
	book.add(&rule{id: "2", delay: forever})
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if got := status.Code(book.apply(ctx, &call{})); got != codes.DeadlineExceeded {
		t.Error(got)
	}
}
