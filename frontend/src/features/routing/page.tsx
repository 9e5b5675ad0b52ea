import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function RoutingPage() {
  return <ContentLayout header={<Header variant="h1">Routing</Header>}>{null}</ContentLayout>;
}
