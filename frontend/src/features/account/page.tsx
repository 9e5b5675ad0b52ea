import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";

export function AccountPage() {
  return <ContentLayout header={<Header variant="h1">Account</Header>}>{null}</ContentLayout>;
}
