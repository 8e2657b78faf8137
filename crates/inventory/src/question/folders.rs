//! Sizes of folders: as a tree, and as a list.

use std::cmp::Reverse;

use serde::Serialize;
use spacewatch_model::ByteSize;
use utoipa::ToSchema;

use super::Source;
use crate::folder_sums::each_folder;
use crate::ranking::Ranking;
use crate::{InventoryError, Totals};

/// The columns that this needs.
const COLUMNS: [&str; 3] = ["key", "kind", "size"];

/// Folders in one tree at most.
const MAX_NODES: usize = 10_000;

/// A folder and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TreeNode {
    /// The last part of the prefix, with its `/`; the whole prefix for the root.
    pub name: String,
    /// The whole prefix.
    pub prefix: String,
    /// Everything below it: objects, older versions and parts of incomplete uploads.
    pub stored_bytes: ByteSize,
    /// What is below it, by kind.
    #[serde(flatten)]
    pub totals: Totals,
    /// How many folders stand directly in it, as deep as the tree goes.
    pub folders: u64,
    /// The largest of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub children: Vec<TreeNode>,
    /// The others, summed up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<OtherFolders>,
    /// What stands directly in it, in no folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct: Option<Totals>,
}

/// Folders that are not shown one by one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct OtherFolders {
    /// How many.
    pub folders: u64,
    /// Everything in them that takes room.
    pub stored_bytes: ByteSize,
    /// What is in them.
    #[serde(flatten)]
    pub totals: Totals,
}

impl OtherFolders {
    fn add(&mut self, totals: &Totals) {
        self.folders = self.folders.saturating_add(1);
        self.totals.add_all(totals);
        self.stored_bytes = self.totals.stored_bytes();
    }
}

/// A prefix of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PrefixTotals {
    /// The whole prefix.
    pub prefix: String,
    /// Everything below it that takes room.
    pub stored_bytes: ByteSize,
    /// What is below it. Where the prefix is not as deep as asked for, what stands directly in it.
    #[serde(flatten)]
    pub totals: Totals,
}

/// Prefixes, the largest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PrefixList {
    /// The largest.
    pub prefixes: Vec<PrefixTotals>,
    /// How many there are.
    pub prefix_count: u64,
    /// The others, summed up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<OtherFolders>,
    /// All of them together.
    pub totals: Totals,
}

/// How many children each folder of a tree shows, so that the whole stays in bounds.
pub(crate) fn children_at_depth(depth: usize, wished: usize) -> usize {
    let fits = |children: usize| {
        let nodes = (0..depth).try_fold(1_usize, |nodes, _| nodes.checked_mul(children));
        nodes.is_some_and(|nodes| nodes <= MAX_NODES)
    };
    (1..=wished.max(1))
        .rev()
        .find(|children| fits(*children))
        .unwrap_or(1)
}

/// The tree below the prefix, so many levels deep.
pub(crate) fn tree(source: &Source, depth: usize, children: usize) -> Result<TreeNode, InventoryError> {
    let mut levels: Vec<Level> = (0..=depth).map(|_| Level::new(children)).collect();
    let mut root = None;
    let close = |folder: Closed<'_>| {
        let inside = levels
            .get_mut(folder.level)
            .map(|level| std::mem::replace(level, Level::new(children)));
        let node = node(&folder, inside.unwrap_or_else(|| Level::new(0)), depth);
        match folder
            .level
            .checked_sub(1)
            .and_then(|level| levels.get_mut(level))
        {
            Some(parent) => parent.add(node),
            None => root = Some(node),
        }
    };
    Walk::new(source.prefix.as_str(), depth).sum_up(source, close)?;
    root.ok_or_else(|| InventoryError::Internal("a tree without a root".to_owned()))
}

fn node(folder: &Closed<'_>, inside: Level, depth: usize) -> TreeNode {
    let children: Vec<TreeNode> = inside
        .largest
        .into_sorted()
        .into_iter()
        .map(|ranked| ranked.2.0)
        .collect();
    TreeNode {
        name: folder.name.to_owned(),
        prefix: folder.path.to_owned(),
        stored_bytes: folder.totals.stored_bytes(),
        totals: *folder.totals,
        folders: inside
            .other
            .folders
            .saturating_add(u64::try_from(children.len()).unwrap_or(u64::MAX)),
        children,
        other: (inside.other.folders > 0).then_some(inside.other),
        direct: (folder.level < depth && folder.direct.entries() > 0).then_some(*folder.direct),
    }
}

/// Something by size, then by how many entries it has, then by name.
type Ranked<T> = (Reverse<(ByteSize, u64)>, String, Aside<T>);

/// Children of a folder that is still open.
struct Level {
    largest: Ranking<Ranked<TreeNode>>,
    other: OtherFolders,
}

impl Level {
    fn new(children: usize) -> Self {
        Self {
            largest: Ranking::first(children),
            other: OtherFolders::default(),
        }
    }

    fn add(&mut self, node: TreeNode) {
        let rank = Reverse((node.stored_bytes, node.totals.entries()));
        let out = self.largest.offer((rank, node.name.clone(), Aside(node)));
        if let Some((_, _, Aside(node))) = out {
            self.other.add(&node.totals);
        }
    }
}

/// Prefixes so many levels deep below the prefix, the largest first.
pub(crate) fn prefixes(source: &Source, depth: usize, limit: usize) -> Result<PrefixList, InventoryError> {
    let mut largest = Ranking::first(limit);
    let mut other = OtherFolders::default();
    let (mut prefix_count, mut all) = (0_u64, Totals::default());
    let close = |folder: Closed<'_>| {
        let totals = if folder.level == depth {
            folder.totals
        } else {
            folder.direct
        };
        if folder.level == 0 {
            all = *folder.totals;
        }
        if totals.entries() == 0 {
            return;
        }
        prefix_count = prefix_count.saturating_add(1);
        let rank = Reverse((totals.stored_bytes(), totals.entries()));
        if let Some((_, _, Aside(out))) = largest.offer((rank, folder.path.to_owned(), Aside(*totals))) {
            other.add(&out);
        }
    };
    Walk::new(source.prefix.as_str(), depth).sum_up(source, close)?;
    let prefixes = largest
        .into_sorted()
        .into_iter()
        .map(|(_, prefix, Aside(totals))| PrefixTotals {
            prefix,
            stored_bytes: totals.stored_bytes(),
            totals,
        });
    Ok(PrefixList {
        prefixes: prefixes.collect(),
        prefix_count,
        other: (other.folders > 0).then_some(other),
        totals: all,
    })
}

/// Goes along in a ranking without a say in its order.
struct Aside<T>(T);

impl<T> PartialEq for Aside<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Aside<T> {}

impl<T> PartialOrd for Aside<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Aside<T> {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

/// A folder about which everything is known.
struct Closed<'a> {
    path: &'a str,
    name: &'a str,
    level: usize,
    /// All below it.
    totals: &'a Totals,
    /// What of it stands in no deeper folder, as far as folders are told apart.
    direct: &'a Totals,
}

/// Sums by folder while keys go by in order, in memory for one path.
struct Walk {
    depth: usize,
    path: String,
    open: Vec<Open>,
}

/// A folder that keys may still come for.
#[derive(Default)]
struct Open {
    /// Where its name ends in the path.
    end: usize,
    totals: Totals,
    direct: Totals,
}

impl Walk {
    fn new(prefix: &str, depth: usize) -> Self {
        Self {
            depth,
            path: prefix.to_owned(),
            open: vec![Open {
                end: prefix.len(),
                ..Open::default()
            }],
        }
    }

    /// Goes to the folder of a key, as deep as folders are told apart; what lies behind is complete.
    fn go_to(&mut self, key: &str, close: &mut impl FnMut(Closed<'_>)) -> Option<&mut Open> {
        while self.open.len() > 1 && !key.starts_with(&self.path) {
            self.close_last(close);
        }
        while self.open.len() <= self.depth {
            let begin = self.path.len();
            let rest = key.get(begin..).unwrap_or_default();
            let Some(length) = rest.find('/') else { break };
            let name = rest.get(..=length).unwrap_or_default();
            self.path.push_str(name);
            self.open.push(Open {
                end: self.path.len(),
                ..Open::default()
            });
        }
        self.open.last_mut()
    }

    /// Sums up all that the question is about: from sums by folder where there are such, else from the keys.
    fn sum_up(mut self, source: &Source, mut close: impl FnMut(Closed<'_>)) -> Result<(), InventoryError> {
        match source.whole_folders() {
            Some(path) => each_folder(
                path,
                source.prefix.as_str(),
                &|| source.waiting.is_over(),
                |folder, sum| {
                    if let Some(open) = self.go_to(folder, &mut close) {
                        open.totals.add_all(sum);
                        open.direct.add_all(sum);
                    }
                },
            )?,
            None => source.each(&COLUMNS, |row| {
                if let Some(open) = self.go_to(row.key, &mut close) {
                    open.totals.add(row);
                    open.direct.add(row);
                }
            })?,
        }
        self.finish(&mut close);
        Ok(())
    }

    fn finish(mut self, close: &mut impl FnMut(Closed<'_>)) {
        while !self.open.is_empty() {
            self.close_last(close);
        }
    }

    fn close_last(&mut self, close: &mut impl FnMut(Closed<'_>)) {
        let Some(last) = self.open.pop() else { return };
        let begin = self.open.last().map_or(0, |parent| parent.end);
        close(Closed {
            path: &self.path,
            name: self.path.get(begin..).unwrap_or_default(),
            level: self.open.len(),
            totals: &last.totals,
            direct: &last.direct,
        });
        if let Some(parent) = self.open.last_mut() {
            parent.totals.add_all(&last.totals);
            self.path.truncate(parent.end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_stay_in_bounds() {
        assert_eq!(children_at_depth(1, 50), 50);
        assert_eq!(children_at_depth(2, 1000), 100);
        assert_eq!(children_at_depth(4, 1000), 10);
        assert_eq!(children_at_depth(30, 1000), 1);
        assert_eq!(children_at_depth(0, 7), 7);
    }
}
