import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function AlertsPage() {
  return <ContentLayout header={<Header variant="h1">Alerts</Header>}>{null}</ContentLayout>;
}
