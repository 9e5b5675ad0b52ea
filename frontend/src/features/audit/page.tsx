import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function AuditPage() {
  return <ContentLayout header={<Header variant="h1">Audit</Header>}>{null}</ContentLayout>;
}
