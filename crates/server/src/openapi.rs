//! The OpenAPI document. Schemas come from the types themselves, routes from the one list of routes.

use serde_json::{Map, Value, json};
use spacewatch_insight::{
    EvidenceArgs, FindingEvidenceArgs, IngestState, InventoryExportArgs, InventoryScopeArgs, InventoryState,
    LeakedKeyArgs, ObjectAuditArgs, SearchLogsArgs, Tool,
};
use spacewatch_telemetry::{MissionReport, Series, Timeseries};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::chat::{ChatAnswer, ChatRequest};
use crate::config;
use crate::health::HealthReport;
use crate::mission::{EventsQuery, EventsReport, TimeseriesQuery};
use crate::operations::{LogQuery, LogReport, MetricsQuery, MetricsReport, StatsReport};
use crate::problem::ProblemDocument;
use crate::routes;
use crate::tool::{PLOTS, PlotQuery, ProgressReport, WorkState};

/// Tells of one route.
pub(crate) type Describe = fn(&mut Document, &'static str);

/// The document while it is written.
pub(crate) struct Document {
    paths: Map<String, Value>,
    schemas: Map<String, Value>,
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Tenant,
    Operator,
    Anyone,
}

/// The OpenAPI document of this version, as `/openapi.json` gives it.
pub fn document() -> Value {
    let mut document = Document {
        paths: Map::new(),
        schemas: Map::new(),
    };
    document.schema::<ProblemDocument>();
    document.schema::<ProgressReport>();
    for route in routes::all() {
        if let Some(describe) = route.describe {
            describe(&mut document, route.template);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "SpaceWatch",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What is stored in your buckets and how healthy the store is. Credentials travel \
                            with each request and are kept nowhere. Unknown query parameters are ignored.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": document.paths,
        "components": {
            "schemas": document.schemas,
            "headers": headers(),
            "parameters": tenant_parameters(),
            "responses": { "Problem": problem_response() },
            "securitySchemes": {
                "spacesKey": { "type": "apiKey", "in": "header", "name": "X-Spaces-Key" },
                "spacesSecret": { "type": "apiKey", "in": "header", "name": "X-Spaces-Secret" },
                "operatorKey": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
                "operatorBearer": { "type": "http", "scheme": "bearer" },
            },
        },
    })
}

impl Document {
    fn schema<T: ToSchema>(&mut self) -> Value {
        let mut found = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut found);
        self.remember(found);
        json!({ "$ref": format!("#/components/schemas/{}", T::name()) })
    }

    fn remember(&mut self, found: Vec<(String, RefOr<Schema>)>) {
        for (name, schema) in found {
            self.schemas
                .insert(name, serde_json::to_value(schema).unwrap_or_default());
        }
    }

    /// The fields of a type as query parameters.
    fn query<T: ToSchema>(&mut self) -> Vec<Value> {
        let mut named = Vec::new();
        T::schemas(&mut named);
        self.remember(named);
        let schema = serde_json::to_value(T::schema()).unwrap_or_default();
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        properties
            .into_iter()
            .map(|(name, mut schema)| {
                let description = schema
                    .as_object_mut()
                    .and_then(|schema| schema.remove("description"));
                json!({
                    "name": name,
                    "in": "query",
                    "required": required.contains(&name.as_str()),
                    "description": description,
                    "schema": schema,
                })
            })
            .collect()
    }

    fn add(&mut self, template: &str, method: &str, door: Door, mut operation: Value) {
        let id: String = template
            .split(['/', '-', '{', '}'])
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join("_");
        operation["operationId"] = id.into();
        operation["responses"]["default"] = json!({ "$ref": "#/components/responses/Problem" });
        operation["responses"]["200"]["headers"] = header_references();
        match door {
            Door::Anyone => operation["security"] = json!([]),
            Door::Operator => {
                operation["security"] = json!([{ "operatorKey": [] }, { "operatorBearer": [] }]);
            }
            Door::Tenant => {
                operation["security"] = json!([{ "spacesKey": [], "spacesSecret": [] }]);
                let named = TENANT_HEADERS
                    .iter()
                    .map(|(name, _)| json!({ "$ref": format!("#/components/parameters/{name}") }));
                if let Some(parameters) = operation["parameters"].as_array_mut() {
                    parameters.extend(named);
                }
            }
        }
        self.paths
            .insert(template.to_owned(), json!({ method: operation }));
    }

    fn plain<T: ToSchema>(&mut self, template: &str, door: Door, summary: &str) {
        let schema = self.schema::<T>();
        self.add(template, "get", door, operation(summary, Vec::new(), &schema));
    }

    /// A tool with its arguments in the address.
    fn tool<T: Tool>(&mut self, template: &str, method: &str) {
        let parameters = self.query::<T::Args>();
        let operation = self.tool_operation::<T>(parameters);
        self.add(template, method, Door::Tenant, operation);
    }

    /// A tool with its arguments in the body.
    fn tool_with_body<T: Tool>(&mut self, template: &str) {
        let args = self.schema::<T::Args>();
        let mut operation = self.tool_operation::<T>(Vec::new());
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": args } } });
        self.add(template, "post", Door::Tenant, operation);
    }

    fn tool_operation<T: Tool>(&mut self, parameters: Vec<Value>) -> Value {
        let answer = self.schema::<T::Output>();
        let summary = format!("The tool `{}`", T::NAME);
        let mut operation = operation(&summary, parameters, &answer);
        operation["description"] = answer_description(&self.schemas, &answer);
        operation["x-operation-type"] = T::OPERATION.as_str().into();
        operation["responses"]["200"]["content"]["text/event-stream"] = json!({
            "schema": {
                "type": "string",
                "description": "With `Accept: text/event-stream`: events `progress` (a `ProgressReport`), then \
                                one `result` (the JSON answer) or `problem` (a `Problem`).",
            },
        });
        operation["responses"]["504"] = json!({
            "description": "The store didn't answer in time, or (code `StillRunning`) the work goes on: `work` \
                            and `Location` tell where; asking the same again picks its result up.",
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        });
        operation
    }
}

fn answer_description(schemas: &Map<String, Value>, answer: &Value) -> Value {
    let name = answer["$ref"]
        .as_str()
        .and_then(|reference| reference.rsplit('/').next())
        .unwrap_or_default();
    schemas
        .get(name)
        .map_or(Value::Null, |schema| schema["description"].clone())
}

fn operation(summary: &str, parameters: Vec<Value>, answer: &Value) -> Value {
    json!({
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": { "description": "The answer", "content": { "application/json": { "schema": answer } } },
        },
    })
}

/// The headers that say whose request it is, besides key and secret.
const TENANT_HEADERS: [(&str, &str); 9] = [
    (
        "X-Region",
        "The store's region; alone it selects that region's endpoint",
    ),
    (
        "X-Endpoint",
        "The store's endpoint: a known provider's, or one the operator allows",
    ),
    ("X-Log-Bucket", "Where access logs are delivered"),
    ("X-Log-Prefix", "The beginning of the log objects' keys"),
    ("X-Metrics-Bucket", "Where snapshots are kept"),
    (
        "X-Metrics-Prefix",
        "The beginning of the snapshots' keys, `spacewatch-metrics/` by default",
    ),
    ("X-Session-Id", "Tells the tabs of one user apart"),
    (
        "X-Request-Id",
        "An id of your own, 1 to 128 of `A-Z a-z 0-9 . _ -`; comes back in the answer",
    ),
    ("traceparent", "W3C trace context"),
];

fn tenant_parameters() -> Value {
    let parameters = TENANT_HEADERS.iter().map(|(name, description)| {
        let parameter =
            json!({ "name": name, "in": "header", "description": description, "schema": { "type": "string" } });
        ((*name).to_owned(), parameter)
    });
    Value::Object(parameters.collect())
}

/// The headers of every answer.
const ANSWER_HEADERS: [(&str, &str); 3] = [
    (
        "X-Request-Id",
        "The request's id: yours if it was well formed, else `req-…`",
    ),
    (
        "X-Request-Duration-Ms",
        "Milliseconds until the answer began, two decimals",
    ),
    (
        "X-Operation-Type",
        "What the request counts as in the operation metrics",
    ),
];

fn headers() -> Value {
    let headers = ANSWER_HEADERS.iter().map(|(name, description)| {
        (
            (*name).to_owned(),
            json!({ "description": description, "schema": { "type": "string" } }),
        )
    });
    Value::Object(headers.collect())
}

fn header_references() -> Value {
    let references = ANSWER_HEADERS.iter().map(|(name, _)| {
        (
            (*name).to_owned(),
            json!({ "$ref": format!("#/components/headers/{name}") }),
        )
    });
    Value::Object(references.collect())
}

fn problem_response() -> Value {
    json!({
        "description": "Any failure (RFC 9457). 400 and 422: the request; 401: the store rejects the keys, or the \
                        operator's key is needed; 403, 404: the bucket or object; 413, 414, 431: too large; 429: \
                        too often, with `Retry-After`; 502, 503, 504: the store, with its own code.",
        "headers": header_references(),
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

pub(crate) fn tool<T: Tool>(document: &mut Document, template: &'static str) {
    document.tool::<T>(template, "get");
}

pub(crate) fn tool_action<T: Tool>(document: &mut Document, template: &'static str) {
    document.tool::<T>(template, "post");
}

pub(crate) fn tool_post<T: Tool>(document: &mut Document, template: &'static str) {
    document.tool_with_body::<T>(template);
}

pub(crate) fn chat(document: &mut Document, template: &'static str) {
    let answer = document.schema::<ChatAnswer>();
    let question = document.schema::<ChatRequest>();
    let mut operation = operation("Ask in plain words", Vec::new(), &answer);
    operation["requestBody"] =
        json!({ "required": true, "content": { "application/json": { "schema": question } } });
    operation["description"] = json!(
        "Credentials and named buckets may stand in the body or in the headers. Nothing is changed by asking: what would change \
         something is proposed in `answer.proposal`."
    );
    operation["responses"]["200"]["content"]["text/event-stream"] = json!({
        "schema": {
            "type": "string",
            "description": "With `Accept: text/event-stream`: events `step`, `tool_call`, `tool_result` and `text` as they happen, then \
                            `done` with the whole answer. Leaving ends the work.",
        },
    });
    document.add(template, "post", Door::Tenant, operation);
}

pub(crate) fn ingest_status(document: &mut Document, template: &'static str) {
    let mut operation = document.tool_operation::<IngestState>(Vec::new());
    operation["responses"]["200"]["content"]["text/event-stream"] = json!({
        "schema": {
            "type": "string",
            "description": "With `Accept: text/event-stream`: events `status` (an `IngestReport`) while reading goes on, \
                            then one `result` (the last of them) or `problem` (a `Problem`).",
        },
    });
    document.add(template, "get", Door::Tenant, operation);
}

pub(crate) fn inventory_status(document: &mut Document, template: &'static str) {
    let parameters = document.query::<InventoryScopeArgs>();
    let mut operation = document.tool_operation::<InventoryState>(parameters);
    operation["responses"]["200"]["content"]["text/event-stream"] = json!({
        "schema": {
            "type": "string",
            "description": "With `Accept: text/event-stream`: events `status` (an `InventoryReport`) while the scan goes on, \
                            then one `result` (the last of them) or `problem` (a `Problem`).",
        },
    });
    document.add(template, "get", Door::Tenant, operation);
}

pub(crate) fn inventory_export(document: &mut Document, template: &'static str) {
    let parameters = document.query::<InventoryExportArgs>();
    let mut operation = operation(
        "All rows of the last inventory, as a stream",
        parameters,
        &Value::Null,
    );
    let file = json!({ "schema": { "type": "string", "format": "binary" } });
    operation["responses"]["200"]["content"] = json!({
        "text/csv": file, "application/x-ndjson": file, "application/vnd.apache.parquet": file,
    });
    operation["x-operation-type"] = "ANALYZE_STORAGE".into();
    document.add(template, "get", Door::Tenant, operation);
}

/// The arguments of the tools whose records a bundle may hold stand beside its own.
pub(crate) fn evidence(document: &mut Document, template: &'static str) {
    let mut parameters = document.query::<EvidenceArgs>();
    let of_tools = [
        document.query::<SearchLogsArgs>(),
        document.query::<ObjectAuditArgs>(),
        document.query::<LeakedKeyArgs>(),
        document.query::<FindingEvidenceArgs>(),
    ];
    for mut parameter in of_tools.into_iter().flatten() {
        let known = |known: &Value| known["name"] == parameter["name"];
        if !parameters.iter().any(known) {
            parameter["required"] = false.into();
            parameters.push(parameter);
        }
    }
    let mut operation = operation(
        "Records as an evidence bundle: a zip archive that `spacewatch evidence verify` checks",
        parameters,
        &Value::Null,
    );
    let file = json!({ "schema": { "type": "string", "format": "binary" } });
    operation["responses"]["200"]["content"] = json!({ "application/zip": file });
    operation["x-operation-type"] = "QUERY_LOGS".into();
    document.add(template, "get", Door::Tenant, operation);
}

pub(crate) fn plot(document: &mut Document, template: &'static str) {
    let names: Vec<_> = PLOTS
        .iter()
        .map(|(name, shows)| format!("`{name}` ({shows})"))
        .collect();
    let files = PLOTS
        .iter()
        .flat_map(|(name, _)| [format!("{name}.png"), format!("{name}.svg")]);
    let files: Vec<_> = files.collect();
    let mut parameters = document.query::<PlotQuery>();
    parameters.push(json!({
        "name": "file", "in": "path", "required": true, "schema": { "type": "string", "enum": files },
        "description": format!("What is drawn, as `.png` or `.svg`: {}", names.join(", ")),
    }));
    let mut operation = operation("A picture from the access log", parameters, &Value::Null);
    let picture = json!({ "schema": { "type": "string", "format": "binary" } });
    operation["responses"]["200"]["content"] = json!({ "image/png": picture, "image/svg+xml": picture });
    operation["x-operation-type"] = "GENERATE_PLOT".into();
    document.add(template, "get", Door::Tenant, operation);
}

pub(crate) fn work(document: &mut Document, template: &'static str) {
    let state = document.schema::<WorkState>();
    let id = json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } });
    let operation = operation(
        "Work that goes on after a 504, for who began it",
        vec![id],
        &state,
    );
    document.add(template, "get", Door::Tenant, operation);
}

pub(crate) fn health(document: &mut Document, template: &'static str) {
    document.plain::<HealthReport<'_>>(
        template,
        Door::Anyone,
        "How SpaceWatch and the store's operations are",
    );
}

pub(crate) fn series(document: &mut Document, template: &'static str) {
    let series = document.schema::<Series>();
    let operation = operation(
        "Operations of the last ten minutes, step by step",
        document.query::<MetricsQuery>(),
        &series,
    );
    document.add(template, "get", Door::Anyone, operation);
}

fn probe(document: &mut Document, template: &str, summary: &str) {
    let answer =
        json!({ "type": "object", "required": ["status"], "properties": { "status": { "type": "string" } } });
    document.add(
        template,
        "get",
        Door::Anyone,
        operation(summary, Vec::new(), &answer),
    );
}

pub(crate) fn livez(document: &mut Document, template: &'static str) {
    probe(document, template, "The process runs");
}

pub(crate) fn readyz(document: &mut Document, template: &'static str) {
    probe(document, template, "The service takes requests");
}

pub(crate) fn operation_metrics(document: &mut Document, template: &'static str) {
    let report = document.schema::<MetricsReport>();
    let operation = operation(
        "Operations in windows of time",
        document.query::<MetricsQuery>(),
        &report,
    );
    document.add(template, "get", Door::Operator, operation);
}

pub(crate) fn operation_log(document: &mut Document, template: &'static str) {
    let report = document.schema::<LogReport>();
    let operation = operation(
        "Single operations, newest first",
        document.query::<LogQuery>(),
        &report,
    );
    document.add(template, "get", Door::Operator, operation);
}

pub(crate) fn prometheus(document: &mut Document, template: &'static str) {
    let mut operation = operation("Metrics for Prometheus", Vec::new(), &json!({ "type": "string" }));
    let text = json!({ "schema": { "type": "string" } });
    operation["responses"]["200"]["content"] =
        json!({ "text/plain": text, "application/openmetrics-text": text });
    document.add(template, "get", Door::Operator, operation);
}

pub(crate) fn mission(document: &mut Document, template: &'static str) {
    document.plain::<MissionReport>(template, Door::Operator, "How all requests fare");
}

pub(crate) fn timeseries(document: &mut Document, template: &'static str) {
    let report = document.schema::<Timeseries>();
    let operation = operation("Requests over time", document.query::<TimeseriesQuery>(), &report);
    document.add(template, "get", Door::Operator, operation);
}

pub(crate) fn mission_events(document: &mut Document, template: &'static str) {
    let report = document.schema::<EventsReport>();
    let operation = operation(
        "What happened to requests",
        document.query::<EventsQuery>(),
        &report,
    );
    document.add(template, "get", Door::Operator, operation);
}

pub(crate) fn stats(document: &mut Document, template: &'static str) {
    document.plain::<StatsReport>(template, Door::Operator, "Counters since the start");
}

pub(crate) fn demo_access(document: &mut Document, template: &'static str) {
    document.plain::<config::DemoAccess>(template, Door::Anyone, "Keys to try, where the demo runs");
}
