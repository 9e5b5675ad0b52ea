import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function ExplorePage() {
  return <ContentLayout header={<Header variant="h1">Explore</Header>}>{null}</ContentLayout>;
}
