import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useApi } from "~/api/context";
import { useToasts } from "~/ui/toasts";

/** Saves all alerts and routes as one YAML file: what `skafu.ops alerts plan` and the import read. */
export function ExportButton() {
  const api = useApi();
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const { data } = await api.GET("/api/alerts/export", { parseAs: "text" });
      download("alerts.yaml", data ?? "");
    } catch (error) {
      toasts.error("The alerts were not exported", error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button iconName="download" loading={busy} onClick={() => void save()}>
      Export as YAML
    </Button>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
