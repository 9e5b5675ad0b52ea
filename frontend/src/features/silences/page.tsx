import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function SilencesPage() {
  return <ContentLayout header={<Header variant="h1">Silences</Header>}>{null}</ContentLayout>;
}
