import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function InstancePage() {
  return <ContentLayout header={<Header variant="h1">Instance</Header>}>{null}</ContentLayout>;
}
