//! `spacewatch inventory tree`

use spacewatch_insight::{Tree, TreeArgs as Asked, TreeNode};
use spacewatch_model::{ByteSize, OneLine};

use super::show::share;
use super::{limit, start, tell_basis};
use crate::cli::inventory::TreeArgs;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

/// Characters of a bar.
const BAR: usize = 20;

pub(super) async fn run(args: TreeArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.of, verbose)?;
    let question = Asked {
        bucket: args.of.target.bucket,
        prefix: args.of.target.prefix,
        depth: limit(args.depth),
        children: limit(args.children),
        max_age: None,
    };
    let found = asking.ask::<Tree>("summing up", question).await?;
    if output::told(&args.of.store, &found)? {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("STORED", Align::Right),
        ("SHARE", Align::Right),
        ("", Align::Left),
        ("OBJECTS", Align::Right),
        ("FOLDER", Align::Left),
    ]);
    let of = found.root.stored_bytes;
    let root = format!("{}/{}", found.bucket, found.root.prefix);
    row(
        &mut table,
        (found.root.stored_bytes, of),
        found.root.totals.objects,
        &root,
    );
    below(&mut table, &found.root, of, 1);
    output::print(&table.render(output::terminal_width()))?;
    tell_basis(&found.basis);
    Ok(())
}

fn below(table: &mut Table, node: &TreeNode, of: ByteSize, level: usize) {
    let indent = "  ".repeat(level);
    for child in &node.children {
        let name = format!("{indent}{}", OneLine(&child.name));
        row(table, (child.stored_bytes, of), child.totals.objects, &name);
        below(table, child, of, level + 1);
    }
    if let Some(other) = &node.other {
        let name = format!("{indent}({} more)", output::counted(other.folders, "folder"));
        row(table, (other.stored_bytes, of), other.totals.objects, &name);
    }
    if let Some(direct) = node.direct.filter(|_| !node.children.is_empty()) {
        let name = format!("{indent}(in no folder)");
        row(table, (direct.stored_bytes(), of), direct.objects, &name);
    }
}

fn row(table: &mut Table, (stored, of): (ByteSize, ByteSize), objects: u64, name: &str) {
    table.row(vec![
        stored.to_string(),
        share(stored, of),
        output::bar(stored.0, of.0, BAR),
        output::thousands(objects),
        name.to_owned(),
    ]);
}
