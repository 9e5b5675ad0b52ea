import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useMutation } from "@tanstack/react-query";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { Failure } from "~/ui/states";
import type { Draft } from "./channel";

/** A channel's own wording, and what it comes to. */
export function TemplateFields(props: {
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
  errorOf: (field: string) => string | undefined;
}) {
  const { draft, onChange, errorOf } = props;
  const api = useApi();
  const preview = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/channels/preview", {
          body: {
            type: draft.type,
            template: { title: draft.title, text: draft.text },
            alert: null,
            tags: null,
          },
        }),
      ),
  });
  return (
    <SpaceBetween size="m">
      <FormField
        label="Title"
        constraintText="For instance {{ severity }}: {{ first.name }}. Empty: the usual one."
        errorText={errorOf("template.title")}
        stretch
      >
        <Input
          value={draft.title}
          spellcheck={false}
          onChange={({ detail }) => onChange({ title: detail.value })}
        />
      </FormField>
      <FormField
        label="Text"
        constraintText="{% for item in items %}{{ item.reason }}{% endfor %}, {{ link }}, {{ labels }}. Empty: the usual one."
        errorText={errorOf("template.text")}
        stretch
      >
        <Textarea
          rows={4}
          value={draft.text}
          spellcheck={false}
          onChange={({ detail }) => onChange({ text: detail.value })}
        />
      </FormField>
      <Button
        formAction="none"
        iconName="search"
        loading={preview.isPending}
        onClick={() => preview.mutate()}
      >
        Show what it looks like
      </Button>
      {preview.error !== null && <Failure error={preview.error} what="No preview" />}
      {preview.data !== undefined && (
        <Container>
          <b>{preview.data.title}</b>
          <pre className="code">{preview.data.text}</pre>
          <Box variant="small">
            {preview.data.real ? "On an alert that fired." : "On a made-up alert."}
            {preview.data.notes.map((each) => ` ${each}`)}
          </Box>
        </Container>
      )}
    </SpaceBetween>
  );
}
