//! `spacewatch inventory prefixes`, `duplicates`, `uploads` and `odd`

use spacewatch_insight::{
    InventoryDuplicates, InventoryListArgs, InventoryOdd, InventoryOddArgs, InventoryPrefixes,
    InventoryPrefixesArgs, InventoryUploads, InventoryUploadsArgs,
};

use super::show::share;
use super::{limit, start, tell_basis};
use crate::cli::inventory::{DuplicatesArgs, OddArgs, PrefixesArgs, UploadsArgs};
use crate::failure::Failure;
use crate::output::{self, Align, Table};

/// Keys of a group that are shown to people; programs get more.
const KEYS: usize = 3;

pub(super) async fn prefixes(args: PrefixesArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.of, verbose)?;
    let question = InventoryPrefixesArgs {
        bucket: args.of.target.bucket,
        prefix: args.of.target.prefix,
        max_age: None,
        limit: limit(args.limit),
        depth: limit(args.depth),
    };
    let found = asking.ask::<InventoryPrefixes>("summing up", question).await?;
    if output::told(&args.of.store, &found)? {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("STORED", Align::Right),
        ("SHARE", Align::Right),
        ("OBJECTS", Align::Right),
        ("OLDER VERSIONS", Align::Right),
        ("PREFIX", Align::Left),
    ]);
    let of = found.list.totals.stored_bytes();
    for row in &found.list.prefixes {
        table.row(vec![
            row.stored_bytes.to_string(),
            share(row.stored_bytes, of),
            output::thousands(row.totals.objects),
            output::thousands(row.totals.noncurrent_versions),
            if row.prefix.is_empty() {
                "(in no folder)".to_owned()
            } else {
                row.prefix.clone()
            },
        ]);
    }
    output::print(&table.render(output::terminal_width()))?;
    if let Some(other) = found.list.other {
        eprintln!(
            "{} more with {}",
            output::counted(other.folders, "folder"),
            other.stored_bytes
        );
    }
    tell_basis(&found.basis);
    Ok(())
}

pub(super) async fn duplicates(args: DuplicatesArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.of, verbose)?;
    let question = InventoryListArgs {
        bucket: args.of.target.bucket,
        prefix: args.of.target.prefix,
        max_age: None,
        limit: limit(args.limit),
    };
    let found = asking.ask::<InventoryDuplicates>("comparing", question).await?;
    if output::told(&args.of.store, &found)? {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("WASTED", Align::Right),
        ("COPIES", Align::Right),
        ("EACH", Align::Right),
        ("KEYS", Align::Left),
    ]);
    for group in &found.list.groups {
        let mut keys = group.keys.get(..KEYS).unwrap_or(&group.keys).join("  ");
        if group.copies > KEYS as u64 {
            keys += "  …";
        }
        table.row(vec![
            group.wasted_bytes.to_string(),
            output::thousands(group.copies),
            group.size_bytes.to_string(),
            keys,
        ]);
    }
    output::print(&table.render(output::terminal_width()))?;
    eprintln!(
        "{} in {}, {} wasted; equal in entity tag and size, contents were not compared",
        output::counted(found.list.extra_copies, "extra object"),
        output::counted(found.list.group_count, "group"),
        found.list.wasted_bytes,
    );
    tell_basis(&found.basis);
    Ok(())
}

pub(super) async fn uploads(args: UploadsArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.of, verbose)?;
    let question = InventoryUploadsArgs {
        order: args.order(),
        bucket: args.of.target.bucket,
        prefix: args.of.target.prefix,
        max_age: None,
        limit: limit(args.limit),
    };
    let found = asking.ask::<InventoryUploads>("looking", question).await?;
    if output::told(&args.of.store, &found)? {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("SIZE", Align::Right),
        ("PARTS", Align::Right),
        ("BEGUN", Align::Left),
        ("DAYS LEFT", Align::Right),
        ("KEY", Align::Left),
    ]);
    let no_rule = if found.basis.rules_seen {
        "no rule"
    } else {
        "unknown"
    };
    for upload in &found.list.uploads {
        table.row(vec![
            upload.size_bytes.to_string(),
            output::thousands(upload.parts),
            upload.initiated.map_or_else(|| "-".to_owned(), output::instant),
            upload
                .days_left
                .map_or_else(|| no_rule.to_owned(), output::thousands),
            upload.key.clone(),
        ]);
    }
    output::print(&table.render(output::terminal_width()))?;
    eprintln!(
        "{} take {}; no rule drops {} of them",
        output::counted(found.list.upload_count, "incomplete upload"),
        found.list.total_bytes,
        output::thousands(found.list.without_rule),
    );
    tell_basis(&found.basis);
    Ok(())
}

pub(super) async fn odd(args: OddArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.of, verbose)?;
    let question = InventoryOddArgs {
        bucket: args.of.target.bucket,
        prefix: args.of.target.prefix,
        max_age: None,
        limit: limit(args.limit),
        show: args.show.into(),
    };
    let found = asking.ask::<InventoryOdd>("looking", question).await?;
    if output::told(&args.of.store, &found)? {
        return Ok(());
    }
    let mut table = Table::new(&[("SIZE", Align::Right), ("ODD", Align::Left), ("KEY", Align::Left)]);
    for object in &found.list.objects {
        let odd: Vec<&str> = object.oddities.iter().map(|odd| odd.as_str()).collect();
        table.row(vec![
            object.size_bytes.to_string(),
            odd.join(","),
            object.key.clone(),
        ]);
    }
    output::print(&table.render(output::terminal_width()))?;
    let counts = found
        .list
        .counts
        .iter()
        .map(|count| format!("{} {}", count.objects, count.oddity.as_str()));
    let counts: Vec<String> = counts.collect();
    eprintln!(
        "{} of {}; {} without a byte; {}",
        output::thousands(found.list.objects.len() as u64),
        output::counted(found.list.object_count, "object"),
        output::thousands(found.list.zero_byte_objects),
        if counts.is_empty() {
            "no odd names".to_owned()
        } else {
            counts.join(", ")
        },
    );
    tell_basis(&found.basis);
    Ok(())
}
