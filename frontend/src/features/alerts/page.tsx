import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function AlertPage() {
  return <ContentLayout header={<Header variant="h1">Alert</Header>}>{null}</ContentLayout>;
}
