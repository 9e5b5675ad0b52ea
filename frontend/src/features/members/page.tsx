import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function MembersPage() {
  return <ContentLayout header={<Header variant="h1">Members</Header>}>{null}</ContentLayout>;
}
