//! The catalogue: every tool by name, for doors that don't know them by type.
//!
//! The assistant, MCP and scripts ask by name and with JSON. What they are told of a tool (its words and the JSON Schema of its
//! arguments) comes from the types that answer them.

mod arguments;
mod list;
mod page;
mod schema;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use spacewatch_model::ErrorCode;
use spacewatch_telemetry::OperationType;

use crate::{Evidence, Tenant, Tool, ToolError};
use page::Page;

/// An answer that is being worked out.
pub type Answering = Pin<Box<dyn Future<Output = Result<Value, ToolError>> + Send>>;

/// A tool of the catalogue.
pub struct CatalogueTool {
    /// Its name: letters, digits and `-`.
    pub name: &'static str,
    /// What it answers, and what to know before asking.
    pub description: &'static str,
    /// The JSON Schema of its arguments, whole in itself.
    pub arguments: Map<String, Value>,
    /// Whether it changes anything, or starts work that costs requests. Such a tool is for people to begin.
    pub writes: bool,
    /// What asking it counts as.
    pub operation: OperationType,
    page: Page,
    prepare: fn(&CatalogueTool, &Tenant, Value) -> Result<Prepared, ToolError>,
}

impl CatalogueTool {
    fn of<T: Tool>(page: Page, name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            description,
            arguments: schema::of::<T::Args>(),
            writes: false,
            operation: T::OPERATION,
            page,
            prepare: prepare::<T>,
        }
    }

    fn writing(self) -> Self {
        Self { writes: true, ..self }
    }

    /// The address of the page that shows the same, narrowed down to what these arguments ask for.
    pub fn page(&self, args: &Value) -> String {
        self.page.address(args)
    }

    /// Reads the arguments of a question.
    ///
    /// # Errors
    ///
    /// When one is missing, unknown or can't be read.
    pub fn prepare(&self, tenant: &Tenant, args: Value) -> Result<Prepared, ToolError> {
        (self.prepare)(self, tenant, args)
    }
}

impl fmt::Debug for CatalogueTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CatalogueTool")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A question with arguments that were read.
pub struct Prepared {
    /// The arguments as the tool understands them.
    pub args: Value,
    /// What the answer comes from.
    pub evidence: Vec<Evidence>,
    run: Box<dyn Fn(Tenant) -> Answering + Send + Sync>,
}

impl Prepared {
    /// Answers it for this tenant.
    pub fn run(&self, tenant: Tenant) -> Answering {
        (self.run)(tenant)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("args", &self.args)
            .finish_non_exhaustive()
    }
}

/// Every tool that is offered by name.
pub fn catalogue() -> &'static [CatalogueTool] {
    static CATALOGUE: LazyLock<Vec<CatalogueTool>> = LazyLock::new(list::all);
    &CATALOGUE
}

/// The tool of that name.
pub fn catalogue_tool(name: &str) -> Option<&'static CatalogueTool> {
    catalogue().iter().find(|tool| tool.name == name)
}

fn prepare<T: Tool>(tool: &CatalogueTool, tenant: &Tenant, args: Value) -> Result<Prepared, ToolError> {
    let args: T::Args = arguments::read(&tool.arguments, args)?;
    let shown = serde_json::to_value(&args).map_err(unwritable)?;
    Ok(Prepared {
        args: shown,
        evidence: T::evidence(tenant, &args),
        run: Box::new(move |tenant| {
            let args = args.clone();
            Box::pin(async move {
                let answer = T::run(&tenant, args).await?;
                serde_json::to_value(answer).map_err(unwritable)
            })
        }),
    })
}

fn unwritable(error: serde_json::Error) -> ToolError {
    ToolError::new(ErrorCode::Internal, format!("it can't be written: {error}"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_plain() {
        let names: HashSet<&str> = catalogue().iter().map(|tool| tool.name).collect();
        assert_eq!(names.len(), catalogue().len());
        for tool in catalogue() {
            assert!(
                tool.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{}",
                tool.name
            );
            assert!(
                tool.name.len() <= 64 && tool.description.len() > 20,
                "{}",
                tool.name
            );
        }
        assert!(catalogue_tool("storage-summary").is_some());
        assert!(catalogue_tool("no-such-tool").is_none());
    }

    #[test]
    fn what_changes_something_is_marked() {
        let writing: Vec<&str> = catalogue()
            .iter()
            .filter(|tool| tool.writes)
            .map(|tool| tool.name)
            .collect();
        assert_eq!(
            writing,
            [
                "inventory-run",
                "snapshot",
                "snapshot-all",
                "ingest",
                "suppress-finding",
                "unsuppress-finding"
            ]
        );
    }

    #[test]
    fn every_tool_leads_to_a_page_that_there_is() {
        let routes = include_str!("../../../web/src/state/route.ts");
        for tool in catalogue() {
            let address = tool.page(&Value::Null);
            let query = address.strip_prefix("/dashboard?").unwrap();
            for (_, value) in url::form_urlencoded::parse(query.as_bytes()) {
                assert!(routes.contains(&format!("'{value}'")), "{}: {address}", tool.name);
            }
        }
    }

    #[test]
    fn schemas_are_whole() {
        for tool in catalogue() {
            let text = Value::Object(tool.arguments.clone()).to_string();
            assert!(!text.contains("$ref"), "{}: {text}", tool.name);
            assert_eq!(tool.arguments["type"], "object", "{}", tool.name);
            assert!(tool.arguments["properties"].is_object(), "{}", tool.name);
            assert_eq!(tool.arguments["additionalProperties"], false, "{}", tool.name);
        }
    }
}
