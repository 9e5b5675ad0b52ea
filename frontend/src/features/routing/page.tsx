import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { ApiProblem } from "~/api/problem";
import type { components } from "~/api/schema";
import { RoleButton } from "~/ui/disabled-button";
import { useDraft } from "~/ui/draft";
import { formatDuration } from "~/ui/format";
import { allInWords } from "~/ui/matchers/matcher";
import { Page } from "~/ui/page";
import { Empty, Failure, Loading } from "~/ui/states";
import { useToasts } from "~/ui/toasts";
import { moved, NEW_ROUTE, placed, type Route, unreachable } from "./policy";
import { RouteForm } from "./route-form";
import { Trial } from "./trial";
import { useChannels } from "./use-channels";

type Policy = components["schemas"]["PolicyOut"];

/** Who is told of what: the first route that matches takes a notification. */
export function RoutingPage() {
  const api = useApi();
  const policy = useQuery({
    queryKey: ["routing"],
    queryFn: ({ signal }) => body(api.GET("/api/routing", { signal })),
  });
  return (
    <Page
      title="Routing"
      description="Routes are tried from the top; the first that matches takes a notification. What none takes goes to the environment's topic."
    >
      {policy.isPending && <Loading what="routes" height={300} />}
      {policy.data === undefined && policy.error !== null && (
        <Failure error={policy.error} what="Routing" onRetry={() => void policy.refetch()} />
      )}
      {policy.data !== undefined && <Editor key={policy.data.version} policy={policy.data} />}
    </Page>
  );
}

function Editor(props: { policy: Policy }) {
  const { policy } = props;
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  const draft = useDraft<readonly Route[]>(`routing ${policy.version}`, policy.routes);
  const [editing, setEditing] = useState<number | "new" | null>(null);
  const routes = draft.value;
  const save = useMutation({
    mutationFn: (version: number) =>
      body(
        api.PUT("/api/routing", {
          params: { header: { "If-Match": `"${version}"` } },
          body: { routes },
        }),
      ),
    onSuccess: async () => {
      draft.clear();
      toasts.success("The routes are saved. They hold for what fires from now on.");
      await queries.invalidateQueries({ queryKey: ["routing"] });
    },
  });
  async function showTheirs() {
    draft.discard();
    await queries.invalidateQueries({ queryKey: ["routing"] });
  }
  async function keepMine() {
    const theirs = await body(api.GET("/api/routing"));
    save.mutate(theirs.version);
  }
  const problem = save.error instanceof ApiProblem ? save.error : null;
  const hidden = unreachable(routes);
  const edited = editing === "new" ? NEW_ROUTE : editing === null ? undefined : routes[editing];
  return (
    <SpaceBetween size="l">
      {draft.changed && (
        <Alert
          type="info"
          header="Changes are not saved yet"
          action={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={draft.discard}>Discard</Button>
              <RoleButton
                needs="admin"
                variant="primary"
                loading={save.isPending}
                onClick={() => save.mutate(policy.version)}
              >
                Save routes
              </RoleButton>
            </SpaceBetween>
          }
        >
          {hidden !== null &&
            `${routes[hidden]?.name} can never be reached: a route before it takes everything.`}
        </Alert>
      )}
      {problem?.status === 412 ? (
        <Alert
          type="warning"
          header="Somebody else saved routes meanwhile"
          action={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => void showTheirs()}>Show theirs</Button>
              <Button loading={save.isPending} onClick={() => void keepMine()}>
                Save mine over theirs
              </Button>
            </SpaceBetween>
          }
        >
          Nothing was overwritten. Showing theirs discards your changes; saving yours replaces what
          they saved, which stays in the audit.
        </Alert>
      ) : (
        save.error !== null && <Failure error={save.error} what="The routes were not saved" />
      )}
      <Routes routes={routes} onChange={draft.set} onEdit={setEditing} />
      <Trial routes={routes} />
      {editing !== null && edited !== undefined && (
        <RouteForm
          route={edited}
          errorOf={(field) =>
            editing === "new" ? undefined : problem?.of(`routes.${editing}.${field}`)
          }
          onClose={() => setEditing(null)}
          onDone={(route) => {
            draft.set(placed(routes, editing === "new" ? null : editing, route));
            setEditing(null);
          }}
        />
      )}
    </SpaceBetween>
  );
}

function Routes(props: {
  routes: readonly Route[];
  onChange: (routes: readonly Route[]) => void;
  onEdit: (index: number | "new") => void;
}) {
  const { routes, onChange, onEdit } = props;
  const { nameOf } = useChannels();
  const rows = routes.map((route, index) => ({ route, index }));
  return (
    <Table
      items={rows}
      wrapLines
      ariaLabels={{ tableLabel: "Routes" }}
      header={
        <Header
          variant="h2"
          actions={
            <RoleButton needs="admin" onClick={() => onEdit("new")}>
              Add a route
            </RoleButton>
          }
        >
          Routes
        </Header>
      }
      empty={
        <Empty title="No routes yet">
          Everything goes to the environment's topic, alerts with channels of their own to these.
        </Empty>
      }
      columnDefinitions={[
        { id: "order", header: "No.", width: 60, cell: ({ index }) => index + 1 },
        { id: "name", header: "Route", isRowHeader: true, cell: ({ route }) => route.name },
        { id: "what", header: "Takes", cell: ({ route }) => allInWords(route.matchers ?? []) },
        { id: "who", header: "Tells", cell: ({ route }) => <Told route={route} nameOf={nameOf} /> },
        {
          id: "repeat",
          header: "Again after",
          cell: ({ route }) => (route.repeat === 0 ? "never" : formatDuration(route.repeat)),
        },
        {
          id: "actions",
          header: "Actions",
          cell: ({ route, index }) => (
            <SpaceBetween direction="horizontal" size="xxs">
              <RoleButton
                needs="admin"
                variant="inline-icon"
                iconName="arrow-up"
                ariaLabel={`Move ${route.name} up`}
                disabled={index === 0}
                onClick={() => onChange(moved(routes, index, -1))}
              />
              <RoleButton
                needs="admin"
                variant="inline-icon"
                iconName="arrow-down"
                ariaLabel={`Move ${route.name} down`}
                disabled={index === routes.length - 1}
                onClick={() => onChange(moved(routes, index, 1))}
              />
              <RoleButton
                needs="admin"
                variant="inline-link"
                ariaLabel={`Change ${route.name}`}
                onClick={() => onEdit(index)}
              >
                Change
              </RoleButton>
              <RoleButton
                needs="admin"
                variant="inline-link"
                ariaLabel={`Remove ${route.name}`}
                onClick={() => onChange(routes.filter((_, at) => at !== index))}
              >
                Remove
              </RoleButton>
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

function Told(props: { route: Route; nameOf: (id: string) => string }) {
  const { route, nameOf } = props;
  return (
    <>
      {route.channels.map(nameOf).join(", ") || "nobody"}
      {(route.steps ?? []).map((step) => (
        <Box key={step.after} variant="small" display="block">
          after {formatDuration(step.after)}: {step.channels.map(nameOf).join(", ")}
        </Box>
      ))}
    </>
  );
}
