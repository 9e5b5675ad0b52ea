import "./test-canvas";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// A busy machine is no failure: what a test waits for may take longer than the usual second.
configure({ asyncUtilTimeout: 4_000 });
afterEach(cleanup);
