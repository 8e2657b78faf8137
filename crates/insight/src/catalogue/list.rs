//! The tools of the catalogue. One line each, in the words that a person or a model chooses by.

use super::CatalogueTool;
use super::page::Page;
use crate::{
    AccessLogs, AggregateSeries, Anomalies, Browse, Buckets, Compare, Cost, CostEgress, Diagnose, Diff,
    Findings, Ghosts, Growth, HotCold, Ingest, IngestState, InventoryDuplicates, InventoryOdd,
    InventoryPrefixes, InventoryRun, InventoryState, InventorySummary, InventoryUploads, LeakedKey,
    ListObjects, MetricsCatalog, MetricsQuery, ObjectAudit, Posture, RawLine, ReadLog, RecentObjects,
    Rejects, SearchLogs, SnapshotAll, SnapshotSeries, SnapshotSources, Sql, StorageSummary, SuppressFinding,
    Suppressions, TakeSnapshot, TopIps, TopLargest, TopLogs, Traffic, Tree, UnsuppressFinding,
};

pub(super) fn all() -> Vec<CatalogueTool> {
    [
        of_storage(),
        of_inventories(),
        of_history(),
        of_records(),
        of_traffic(),
        of_safety(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_storage() -> Vec<CatalogueTool> {
    use CatalogueTool as Is;
    vec![
        Is::of::<Buckets>(Page::OVERVIEW, "buckets", "The buckets that these keys can see."),
        Is::of::<StorageSummary>(
            Page::STORAGE,
            "storage-summary",
            "How many objects and bytes a bucket or a prefix holds now, with `depth` by folder.",
        ),
        Is::of::<ListObjects>(
            Page::STORAGE,
            "list-all",
            "The objects of a bucket or below a prefix in the order of their keys, page by page.",
        ),
        Is::of::<Browse>(
            Page::STORAGE,
            "browse",
            "One level of a bucket: its folders and the objects in it.",
        ),
        Is::of::<TopLargest>(
            Page::LARGEST,
            "top-largest",
            "The largest objects of a bucket or below a prefix.",
        ),
        Is::of::<RecentObjects>(
            Page::RECENT,
            "recent-objects",
            "The objects of a bucket or below a prefix that changed last, newest first.",
        ),
        Is::of::<Diagnose>(
            Page::OVERVIEW,
            "diagnose",
            "What these keys may do, what works and what doesn't: the store, buckets, logging, metrics.",
        ),
    ]
}

fn of_inventories() -> Vec<CatalogueTool> {
    use CatalogueTool as Is;
    vec![
        Is::of::<InventorySummary>(Page::STORAGE, "inventory", "All of a bucket at once, from its kept inventory: current and noncurrent versions, delete markers, incomplete uploads, sizes, ages, storage classes, file types."),
        Is::of::<InventoryPrefixes>(Page::STORAGE, "inventory-prefixes", "The largest prefixes of a bucket, from its kept inventory."),
        Is::of::<Tree>(Page::STORAGE, "tree", "Folders inside folders with their sizes, from a kept inventory."),
        Is::of::<InventoryDuplicates>(Page::STORAGE, "inventory-duplicates", "Objects of the same ETag and size: likely duplicates, and what they waste."),
        Is::of::<InventoryUploads>(Page::STORAGE, "inventory-uploads", "Incomplete multipart uploads: bytes of their parts, age, when a rule ends them."),
        Is::of::<InventoryOdd>(Page::STORAGE, "inventory-odd", "Empty objects and odd names: control characters, spaces at an end, no UTF-8, empty folders' markers."),
        Is::of::<InventoryState>(Page::STORAGE, "inventory-status", "Whether a bucket's inventory is kept, how old it is, how far a scan is."),
        Is::of::<InventoryRun>(Page::STORAGE, "inventory-run", "Makes a bucket's inventory anew: lists all of it, which costs requests. With `dry_run` only what it would cost.").writing(),
    ]
}

fn of_history() -> Vec<CatalogueTool> {
    use CatalogueTool as Is;
    vec![
        Is::of::<SnapshotSources>(
            Page::OVERVIEW,
            "metrics-sources",
            "Of which buckets there are snapshots in the metrics bucket.",
        ),
        Is::of::<SnapshotSeries>(
            Page::OVERVIEW,
            "metrics-series",
            "The history of one bucket out of its snapshots: bytes, objects, requests, over so many hours.",
        ),
        Is::of::<AggregateSeries>(
            Page::OVERVIEW,
            "aggregate-series",
            "The same summed over all buckets, step by step.",
        ),
        Is::of::<Growth>(
            Page::COST,
            "growth",
            "How a bucket, or all, grew over 7 and 30 days, which prefixes grew, how it goes on with an interval, on which day it reaches a size (`reach`), when an allowance ends. `metric`: size, objects, requests, egress.",
        ),
        Is::of::<Diff>(
            Page::CHANGES,
            "diff",
            "What changed in a bucket between two inventories: added, overwritten, removed, each tied to the request or the lifecycle rule that did it.",
        ),
        Is::of::<TakeSnapshot>(
            Page::OVERVIEW,
            "snapshot",
            "Writes down what a bucket holds now, into the metrics bucket.",
        )
        .writing(),
        Is::of::<SnapshotAll>(
            Page::OVERVIEW,
            "snapshot-all",
            "Writes down what every bucket holds now, into the metrics bucket.",
        )
        .writing(),
    ]
}

fn of_records() -> Vec<CatalogueTool> {
    use CatalogueTool as Is;
    vec![
        Is::of::<ObjectAudit>(
            Page::STORAGE,
            "object-audit",
            "Everything that happened to one object: who read, wrote or deleted it, when, from which address, with what program; lifecycle actions as well.",
        ),
        Is::of::<SearchLogs>(
            Page::TRAFFIC,
            "search-logs",
            "Records of the access log that fit filters (address, requester, method, operation, status, key, text, period), newest first, with their raw lines.",
        ),
        Is::of::<TopLogs>(
            Page::TRAFFIC,
            "top",
            "What is asked for most, by `key`, `prefix`, `ip`, `requester` (`-` is anonymous), `user_agent`, `operation`, `status`, `bucket` and more, with the filters of `search-logs`.",
        ),
        Is::of::<TopIps>(Page::TRAFFIC, "top-ips", "The addresses that ask a bucket most."),
        Is::of::<Ghosts>(
            Page::TRAFFIC,
            "ghosts",
            "Keys that are asked for and absent (404): how often, who asks, and who deleted them.",
        ),
        Is::of::<AccessLogs>(
            Page::TRAFFIC,
            "access-logs",
            "The log objects that hold a bucket's records.",
        ),
        Is::of::<ReadLog>(
            Page::TRAFFIC,
            "read-log",
            "The last lines of a log object, as they stand there.",
        ),
        Is::of::<RawLine>(
            Page::TRAFFIC,
            "raw-line",
            "The line at one place of a log object, byte for byte.",
        ),
        Is::of::<Rejects>(
            Page::TRAFFIC,
            "rejects",
            "Lines and objects of the log that could not be read, and why.",
        ),
        Is::of::<Sql>(
            Page::TRAFFIC,
            "sql",
            "One `SELECT` over the access log: tables `requests`, `cdn`, `rejects`, `log_objects`. For what no other tool answers.",
        ),
        Is::of::<IngestState>(
            Page::TRAFFIC,
            "ingest-status",
            "How much of the access log is read, what is pending, how late it is.",
        ),
        Is::of::<Ingest>(Page::TRAFFIC, "ingest", "Reads what is new of the access log.").writing(),
    ]
}

fn of_traffic() -> Vec<CatalogueTool> {
    use CatalogueTool as Is;
    vec![
        Is::of::<Traffic>(
            Page::TRAFFIC,
            "traffic",
            "Requests, errors, bytes, latency percentiles per operation, addresses of a bucket in a period, also step by step.",
        ),
        Is::of::<Compare>(
            Page::CHANGES,
            "compare",
            "A bucket in two periods: what rose and fell, and which operation, client, key or prefix explains it.",
        ),
        Is::of::<MetricsQuery>(
            Page::TRAFFIC,
            "metrics-query",
            "Any metric of the catalogue step by step, also by dimension; names as in CloudWatch.",
        ),
        Is::of::<MetricsCatalog>(
            Page::TRAFFIC,
            "metrics-catalog",
            "Every metric that `metrics-query` knows, with unit and formula.",
        ),
        Is::of::<HotCold>(
            Page::STORAGE,
            "hot-cold",
            "What is read and what isn't: bytes not read for `days` days by prefix, the hottest objects, what expiring or moving the cold would save.",
        ),
        Is::of::<Cost>(
            Page::COST,
            "cost",
            "The bill of a month so far and at this pace: storage, egress, subscription, allowances, per bucket and prefix, with the arithmetic.",
        ),
        Is::of::<CostEgress>(
            Page::COST,
            "cost-egress",
            "What causes egress, in bytes and money, by object, prefix, address, requester or program.",
        ),
    ]
}

fn of_safety() -> Vec<CatalogueTool> {
    use CatalogueTool as Is;
    vec![
        Is::of::<Findings>(
            Page::SECURITY,
            "findings",
            "What people should know that only the access log tells: anonymous reads, refused then let in, enumeration, mass downloads, shared links, old signatures and TLS, first-time requesters, request-rate headroom, slow-downs, aborted and partial reads. `rule` picks some.",
        ),
        Is::of::<Anomalies>(
            Page::CHANGES,
            "anomalies",
            "Hours out of the ordinary in requests, errors, egress, latency or ingest, compared with that hour of that weekday, and what explains them.",
        ),
        Is::of::<Posture>(
            Page::SECURITY,
            "posture",
            "How buckets are set up: logging, versioning, lifecycle and abort rules, policy, access lists, public listing, CORS, encryption, object lock; what is missing or open.",
        ),
        Is::of::<LeakedKey>(
            Page::SECURITY,
            "leaked-key",
            "What a requester or access key did since a day: first use, addresses, programs, what it read, wrote, deleted, and what it could have read.",
        ),
        Is::of::<Suppressions>(
            Page::SECURITY,
            "suppressions",
            "Which findings people decided to live with, why and until when.",
        ),
        Is::of::<SuppressFinding>(
            Page::SECURITY,
            "suppress-finding",
            "Suppresses a finding, with a reason and an end date.",
        )
        .writing(),
        Is::of::<UnsuppressFinding>(
            Page::SECURITY,
            "unsuppress-finding",
            "Ends the suppression of a finding.",
        )
        .writing(),
    ]
}
