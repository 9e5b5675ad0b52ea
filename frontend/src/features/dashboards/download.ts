import { exported, fileNameOf } from "./importing";
import type { Content } from "./model";

/** Hands the dashboard to the browser as a file that can be imported. */
export function download(content: Content): void {
  const address = URL.createObjectURL(new Blob([exported(content)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = fileNameOf(content.name);
  link.click();
  URL.revokeObjectURL(address);
}
