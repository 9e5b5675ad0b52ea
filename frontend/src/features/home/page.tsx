import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function HomePage() {
  return <ContentLayout header={<Header variant="h1">Home</Header>}>{null}</ContentLayout>;
}
