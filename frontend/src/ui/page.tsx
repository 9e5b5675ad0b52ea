import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import type { ReactNode } from "react";
import { usePageTitle } from "./title";

/** A page: its heading, what it is for in a sentence, what can be done, and its content. */
export function Page(props: {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const { description, actions } = props;
  usePageTitle(props.title);
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          {...(description === undefined ? {} : { description })}
          {...(actions === undefined ? {} : { actions })}
        >
          {props.title}
        </Header>
      }
    >
      {props.children}
    </ContentLayout>
  );
}
