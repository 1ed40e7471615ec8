// Command temporal-server is a real Temporal Service in one process, with an mTLS frontend that tells which client
// certificate every session and every call came with. rotey's sandbox runs it; see README.md for what it reads and writes.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/metrics"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/common/rpc/encryption"
	"go.temporal.io/server/temporal"
)

// stopLimit is how long an orderly stop may take. Long polls keep a frontend from stopping for up to a minute, and
// nobody waits that long for a sandbox.
const stopLimit = 5 * time.Second

func main() {
	configFile := flag.String("config", "", "the server's configuration `file`")
	systemName := flag.String("system-cn", "", "common `name` of the server's own worker, which is left out of every report")
	namespaces := listFlag{}
	flag.Var(&namespaces, "namespace", "`name` of a namespace to register before the start; may be repeated")
	flag.Parse()

	stdout := os.Stdout
	os.Stdout = os.Stderr // nothing but our own lines may reach the real stdout
	report := newReporter(stdout)

	if err := run(*configFile, *systemName, namespaces, report); err != nil {
		fmt.Fprintln(os.Stderr, "temporal-server:", err)
		os.Exit(1)
	}
	report.flush()
}

// run returns when the server has stopped because stdin ended or a signal asked for it.
func run(configFile, systemName string, namespaces []string, report *reporter) error {
	cfg, err := config.Load(config.WithConfigFile(configFile))
	if err != nil {
		return err
	}
	if err := createNamespaces(cfg, namespaces); err != nil {
		return err
	}
	logger := log.NewZapLogger(log.BuildZapLogger(cfg.Log))
	provider, err := encryption.NewTLSConfigProviderFromConfig(cfg.Global.TLS, metrics.NoopMetricsHandler, logger, nil)
	if err != nil {
		return err
	}
	sessions := newSessionWatch(provider, systemName, report)
	rules := &ruleBook{}
	calls := &callWatch{systemName: systemName, rules: rules, report: report}

	server, err := temporal.NewServer(
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithConfig(cfg),
		temporal.WithLogger(logger),
		temporal.WithStaticHosts(staticHosts(cfg)),
		temporal.WithTLSConfigFactory(sessions),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithChainedFrontendGrpcInterceptors(calls.unary),
		temporal.WithAdditionalStreamInterceptors(calls.stream),
	)
	if err != nil {
		return err
	}

	stop := make(chan struct{})
	commands := &commandLoop{rules: rules, sessions: sessions, report: report}
	go func() {
		commands.run(os.Stdin)
		close(stop)
	}()
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM)

	failed := make(chan error, 1)
	go func() {
		if err := server.Start(); err != nil {
			failed <- err
			return
		}
		if err := waitUntilUsable(cfg, provider, namespaces); err != nil {
			failed <- err
			return
		}
		report.send(readyLine{Event: "ready", T: now()})
	}()

	select {
	case err := <-failed:
		return err
	case <-stop:
	case <-asked:
	}
	time.AfterFunc(stopLimit, func() {
		fmt.Fprintln(os.Stderr, "temporal-server: not stopped after", stopLimit, "- exiting")
		os.Exit(0)
	})
	return server.Stop()
}

// staticHosts spares the membership ring (four ports and its joining time) that several processes would need.
func staticHosts(cfg *config.Config) map[primitives.ServiceName]static.Hosts {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for _, name := range temporal.DefaultServices {
		service := cfg.Services[name]
		hosts[primitives.ServiceName(name)] = static.SingleLocalHost(fmt.Sprintf("127.0.0.1:%d", service.RPC.GRPCPort))
	}
	return hosts
}

// listFlag is a flag that may be repeated.
type listFlag []string

func (l *listFlag) String() string { return strings.Join(*l, ",") }

func (l *listFlag) Set(value string) error {
	*l = append(*l, value)
	return nil
}
