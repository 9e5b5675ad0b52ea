import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { useFocusOnHeading } from "./heading";

function Shell(props: { path: string; title: string; field?: boolean }) {
  useFocusOnHeading(props.path);
  return (
    <>
      <nav>
        <button type="button">Alerts</button>
      </nav>
      <main>
        {props.title !== "" && <h1 key={props.title}>{props.title}</h1>}
        {props.field && <input aria-label="Name" />}
      </main>
    </>
  );
}

it("leaves the focus alone when the console is opened", () => {
  render(<Shell path="/" title="Home" />);
  expect(document.activeElement).toBe(document.body);
});

it("moves it to the new page's heading", () => {
  const shell = render(<Shell path="/" title="Home" />);
  screen.getByText("Alerts").focus();
  shell.rerender(<Shell path="/alerts" title="All alerts" />);
  expect(document.activeElement?.textContent).toBe("All alerts");
});

it("waits for a page that is loaded first", async () => {
  const shell = render(<Shell path="/" title="Home" />);
  screen.getByText("Alerts").focus();
  shell.rerender(<Shell path="/alerts" title="" />);
  shell.rerender(<Shell path="/alerts" title="All alerts" />);
  await expect.poll(() => document.activeElement?.textContent).toBe("All alerts");
});

it("does not take it from a field of the new page", async () => {
  const shell = render(<Shell path="/" title="Home" />);
  shell.rerender(<Shell path="/alerts" title="" field />);
  screen.getByLabelText("Name").focus();
  shell.rerender(<Shell path="/alerts" title="All alerts" field />);
  await new Promise((done) => setTimeout(done));
  expect(document.activeElement).toBe(screen.getByLabelText("Name"));
});
