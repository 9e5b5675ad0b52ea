import { createContext, useContext } from "react";
import type { AlertDraft } from "../model";
import type { Moving } from "./moving";

/** What every part of the editor's form needs. */
export interface Form {
  readonly draft: AlertDraft;
  readonly set: (change: (before: AlertDraft) => AlertDraft) => void;
  /** The API's reason why a field was refused, by its dotted name. */
  readonly wrong: (field: string) => string | undefined;
  readonly moving: Moving;
  /** The metric's unit, once it is known. */
  readonly unit: string | null;
}

const Current = createContext<Form | null>(null);
export const FormProvider = Current.Provider;

export function useForm(): Form {
  const form = useContext(Current);
  if (form === null) {
    throw new Error("useForm needs a FormProvider above it");
  }
  return form;
}
