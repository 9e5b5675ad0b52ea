import { createContext, type ReactNode, useContext } from "react";
import type { Api } from "./client";

const Current = createContext<Api | null>(null);

export function ApiProvider(props: { api: Api; children: ReactNode }) {
  return <Current value={props.api}>{props.children}</Current>;
}

/** The API's client; only below ApiProvider. */
export function useApi(): Api {
  const api = useContext(Current);
  if (api === null) {
    throw new Error("useApi needs an ApiProvider above it");
  }
  return api;
}
