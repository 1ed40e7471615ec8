package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/common/rpc/encryption"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
)

// readyLimit is how long the services may take to answer after they have started. About 1 s in practice.
const readyLimit = 60 * time.Second

// createNamespaces writes them into the database before the services read it: usable from the first moment on, while
// RegisterNamespace takes effect only after the next refresh of the services' caches.
func createNamespaces(cfg *config.Config, names []string) error {
	var namespaces []*sqliteschema.NamespaceConfig
	for _, name := range names {
		namespace, err := sqliteschema.NewNamespaceConfig(cfg.ClusterMetadata.CurrentClusterName, name, false, nil)
		if err != nil {
			return err
		}
		namespaces = append(namespaces, namespace)
	}
	store := cfg.Persistence.DataStores[cfg.Persistence.DefaultStore].SQL
	if store == nil {
		return fmt.Errorf("the default store %q is not an SQL one", cfg.Persistence.DefaultStore)
	}
	return sqliteschema.CreateNamespaces(store, namespaces...)
}

// waitUntilUsable asks the frontend, over mTLS as a client would, until each namespace is known and its history
// service answers.
func waitUntilUsable(cfg *config.Config, provider encryption.TLSConfigProvider, namespaces []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), readyLimit)
	defer cancel()
	tlsConfig, err := provider.GetFrontendClientConfig()
	if err != nil {
		return err
	}
	frontend := cfg.Services[string(primitives.FrontendService)]
	address := fmt.Sprintf("127.0.0.1:%d", frontend.RPC.GRPCPort)
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(tlsConfig)))
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	client := workflowservice.NewWorkflowServiceClient(connection)
	for _, namespace := range namespaces {
		for {
			err := tryNamespace(ctx, client, namespace)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return fmt.Errorf("namespace %q is not usable after %v: %w", namespace, readyLimit, err)
			}
			time.Sleep(lookEvery)
		}
	}
	return nil
}

func tryNamespace(ctx context.Context, client workflowservice.WorkflowServiceClient, namespace string) error {
	if _, err := client.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace}); err != nil {
		return err
	}
	_, err := client.DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{
		Namespace: namespace,
		Execution: &commonpb.WorkflowExecution{WorkflowId: "rotey-is-it-usable"},
	})
	var notFound *serviceerror.NotFound
	if errors.As(serviceerror.FromStatus(status.Convert(err)), &notFound) {
		return nil // the history service has looked
	}
	return err
}
