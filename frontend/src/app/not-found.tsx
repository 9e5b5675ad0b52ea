import { Link } from "@tanstack/react-router";
import { Page } from "~/ui/page";
import { Empty } from "~/ui/states";

export function NotFound() {
  return (
    <Page title="There is no such page">
      <Empty title="Nothing is here" action={<Link to="/">Go to Home</Link>}>
        The address may be mistyped, or what it showed was deleted.
      </Empty>
    </Page>
  );
}
