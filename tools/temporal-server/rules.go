package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// rule holds or refuses the calls that it matches. An empty field matches every call.
type rule struct {
	id        string
	serial    string
	methods   []string
	namespace string
	delay     time.Duration // 0: do not hold; forever: until the caller gives up or the rule is cleared
	refuse    bool
	code      codes.Code
	message   string
	cleared   chan struct{}
}

const forever = time.Duration(1<<63 - 1)

// ruleBook is a certificate filter in miniature. The newest rule that matches a call counts.
type ruleBook struct {
	mu    sync.RWMutex
	rules []*rule
}

func (b *ruleBook) add(r *rule) {
	r.cleared = make(chan struct{})
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = append(b.rules, r)
}

// clear removes the rule with this id, or all of them when id is empty, and lets go of the calls that they hold.
func (b *ruleBook) clear(id string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.rules)
	b.rules = slices.DeleteFunc(b.rules, func(r *rule) bool {
		gone := id == "" || r.id == id
		if gone {
			close(r.cleared)
		}
		return gone
	})
	return before - len(b.rules)
}

// apply holds the call for as long as the rules say, and returns the error to refuse it with.
func (b *ruleBook) apply(ctx context.Context, c *call) error {
	if r := b.find(c, func(r *rule) bool { return r.delay > 0 }); r != nil {
		timer := time.NewTimer(r.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.cleared:
		case <-ctx.Done():
			return status.FromContextError(ctx.Err()).Err()
		}
	}
	if r := b.find(c, func(r *rule) bool { return r.refuse }); r != nil {
		return status.Error(r.code, r.message)
	}
	return nil
}

func (b *ruleBook) find(c *call, kind func(*rule) bool) *rule {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, r := range slices.Backward(b.rules) {
		if kind(r) && r.matches(c) {
			return r
		}
	}
	return nil
}

func (r *rule) matches(c *call) bool {
	return (r.serial == "" || r.serial == c.Serial) &&
		(r.namespace == "" || r.namespace == c.Namespace) &&
		(len(r.methods) == 0 || slices.Contains(r.methods, c.Method))
}
