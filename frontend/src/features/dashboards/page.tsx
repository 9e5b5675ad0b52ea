import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function DashboardPage() {
  return <ContentLayout header={<Header variant="h1">Dashboard</Header>}>{null}</ContentLayout>;
}
