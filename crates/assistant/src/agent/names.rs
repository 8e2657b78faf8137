//! Names of tools, as models say them.

use crate::{ToolFacts, Toolbox};

/// Two of the twelve tools of SpaceWatch's first version have another name now.
const RENAMED: [(&str, &str); 2] = [("list_objects", "list-all"), ("list_access_logs", "access-logs")];

/// The tool that is meant. Underscores may stand for hyphens, as the first version wrote them, and prefixes that models like to add
/// count for nothing.
pub(super) fn meant<'a>(said: &str, toolbox: &'a dyn Toolbox) -> Option<&'a ToolFacts> {
    let said = said.trim().rsplit(['.', ':']).next().unwrap_or_default();
    let renamed = RENAMED.iter().find(|(old, _)| *old == said).map(|(_, new)| *new);
    let name = renamed.map_or_else(|| said.replace('_', "-"), str::to_owned);
    toolbox.tools().iter().find(|tool| tool.name == name)
}
