import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function ChannelsPage() {
  return <ContentLayout header={<Header variant="h1">Channels</Header>}>{null}</ContentLayout>;
}
