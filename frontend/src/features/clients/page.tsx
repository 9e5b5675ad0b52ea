import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function ClientsPage() {
  return <ContentLayout header={<Header variant="h1">Clients</Header>}>{null}</ContentLayout>;
}
