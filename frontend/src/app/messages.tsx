import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import type { ReactNode } from "react";

/** The words of the components themselves: "Close", "Next page", "Loading". */
export function Messages(props: { children: ReactNode }) {
  return (
    <I18nProvider locale="en" messages={[messages]}>
      {props.children}
    </I18nProvider>
  );
}
