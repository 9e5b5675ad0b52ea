import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function DashboardsPage() {
  return <ContentLayout header={<Header variant="h1">Dashboards</Header>}>{null}</ContentLayout>;
}
