import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function UsagePage() {
  return <ContentLayout header={<Header variant="h1">Usage</Header>}>{null}</ContentLayout>;
}
