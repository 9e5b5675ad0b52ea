import { expect, test } from "vitest";
import { stretchesOf } from "./links";

const hrefs = (line: string) => stretchesOf(line).flatMap((each) => each.href ?? []);

test("an address becomes a link, the words around it stay", () => {
  expect(stretchesOf("See https://example.com/a?b=1 first")).toEqual([
    { text: "See " },
    { text: "https://example.com/a?b=1", href: "https://example.com/a?b=1" },
    { text: " first" },
  ]);
});

test("a sentence's marks and brackets are not part of the address", () => {
  expect(hrefs("Read https://example.com/a. Then (https://example.com/b), done")).toEqual([
    "https://example.com/a",
    "https://example.com/b",
  ]);
  expect(hrefs("https://example.com/x_(y)")).toEqual(["https://example.com/x_(y)"]);
});

test("nothing but http and https is a link", () => {
  for (const line of ["javascript:alert(1)", "data:text/html,x", "ftp://example.com", "http://"]) {
    expect(hrefs(line), line).toEqual([]);
  }
});

test("markup is text", () => {
  const line = '<a href="https://example.com/"><b>x</b></a>';
  expect(
    stretchesOf(line)
      .map((each) => each.text)
      .join(""),
  ).toBe(line);
  expect(hrefs(line)).toEqual(["https://example.com/"]);
});

test("an empty line has no stretches", () => {
  expect(stretchesOf("")).toEqual([]);
});
