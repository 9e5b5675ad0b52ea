import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { Failure } from "~/ui/states";
import { useDashboardActions, useDashboards } from "../dashboards/data";
import { freePlace } from "../dashboards/layout";
import { contentOf, type Dashboard, dashboardOf } from "../dashboards/model";
import { panelOf, titleOf } from "./handing-over";
import type { Row } from "./rows";

const NEW = { value: "", label: "A new dashboard" };

/** Makes a panel of the queries, on a dashboard that there is or on a new one, and goes there. */
export default function AddToDashboard(props: {
  rows: readonly Row[];
  kind: "line" | "area";
  last: number;
  onClose: () => void;
}) {
  const { rows, kind, last, onClose } = props;
  const api = useApi();
  const navigate = useNavigate();
  const dashboards = useDashboards();
  const { create, save } = useDashboardActions();
  const [chosen, setChosen] = useState<{ value: string; label: string }>(NEW);
  const [name, setName] = useState("");
  const [title, setTitle] = useState(() => titleOf(rows));
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const form = useId();
  const isNew = chosen.value === NEW.value;
  const nameless = isNew && name.trim() === "";

  async function add(): Promise<Dashboard> {
    if (isNew) {
      const content = { ...contentOf({ name } as never), range: { last } };
      const panel = panelOf(rows, content, title, kind, (size) => freePlace([], size));
      return create.mutateAsync({ ...content, panels: [panel] });
    }
    // Read now, not from a cache: what is saved must not undo what somebody else did meanwhile.
    const path = { id: chosen.value };
    const stored = dashboardOf(await body(api.GET("/api/dashboards/{id}", { params: { path } })));
    const { content, version, id } = stored;
    const panel = panelOf(rows, content, title, kind, (size) => freePlace(content.panels, size));
    return save.mutateAsync({
      id,
      version,
      content: { ...content, panels: [...content.panels, panel] },
    });
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (nameless || busy) {
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      const { id } = await add();
      await navigate({ to: "/dashboards/$id", params: { id } });
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  }

  const options = (dashboards.data?.rows ?? []).map((row) => ({ value: row.id, label: row.name }));
  return (
    <Modal
      visible
      header="Add to a dashboard"
      closeAriaLabel="Close"
      onDismiss={() => !busy && onClose()}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" disabled={busy} onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" form={form} loading={busy} loadingText="Adding">
              Add
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form id={form} onSubmit={(event) => void submit(event)}>
        <SpaceBetween size="m">
          <FormField label="Dashboard">
            <Select
              selectedOption={chosen}
              options={[NEW, ...options]}
              filteringType={options.length > 8 ? "auto" : "none"}
              statusType={
                dashboards.isPending ? "loading" : dashboards.isError ? "error" : "finished"
              }
              loadingText="Loading dashboards"
              errorText="Dashboards could not be read."
              recoveryText="Try again"
              onLoadItems={() => dashboards.isError && void dashboards.refetch()}
              onChange={({ detail }) => {
                const { value = "", label = "" } = detail.selectedOption;
                setChosen({ value, label });
              }}
            />
          </FormField>
          {isNew && (
            <FormField
              label="Name of the dashboard"
              {...(tried && nameless ? { errorText: "Give it a name." } : {})}
            >
              <Input
                value={name}
                autoComplete={false}
                onChange={({ detail }) => setName(detail.value)}
              />
            </FormField>
          )}
          <FormField label="Title of the panel">
            <Input
              value={title}
              autoComplete={false}
              onChange={({ detail }) => setTitle(detail.value)}
            />
          </FormField>
          {failure !== null && <Failure error={failure} what="It was not added" />}
        </SpaceBetween>
      </form>
    </Modal>
  );
}
