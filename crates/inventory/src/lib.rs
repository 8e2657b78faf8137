//! What a bucket holds: one resumable scan, kept as a Delta table, and the questions it answers.
//!
//! [`Inventories`] opens an [`Inventory`] for one set of credentials and one bucket. A scan lists objects or versions many pages at a
//! time, incomplete uploads and their parts, and writes down what it found as it goes: whoever comes after it was interrupted lists only
//! the rest. What is finished is sorted by key into the Delta table `objects`, summed up, and answers questions as a
//! [`KeptInventory`] without listing again.
//!
//! A scan is no picture of one moment: it lasts from `as_of` to `finished_at`, and what changes meanwhile may be in it or not. It holds
//! no content and no metadata of objects, only what listings tell. Everything here is derived: losing the directory loses nothing but
//! the time to scan again.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use spacewatch_inventory::{Inventories, InventoriesConfig, InventoryError};
//! # use spacewatch_model::{Prefix, SystemClock};
//! # use spacewatch_s3::{Progress, Store};
//! # async fn example(store: Store) -> Result<(), InventoryError> {
//! let config = InventoriesConfig { directory: "data".into(), max_bytes: 1 << 30 };
//! let inventories = Inventories::new(config, Arc::new(SystemClock::new()));
//! let bucket = "prod-assets".parse().expect("a name");
//! let inventory = inventories.open(&store, &bucket);
//! let everything = Prefix::default();
//! println!("{}", inventory.cost(&everything).await?.note);
//! inventory.start(&everything).await?;
//! inventory.finished(&everything, &Progress::default()).await?;
//! let kept = inventory.required(&everything, None).await?;
//! println!("{} as of {}", kept.summary(10).await?.stored_bytes, kept.basis().as_of);
//! # Ok(())
//! # }
//! ```

mod classes;
mod columns;
mod entry;
mod error;
mod files;
mod folder_sums;
mod inventories;
mod inventory;
mod kept;
mod odd;
mod question;
mod ranking;
mod scan;
mod summary;
mod totals;

pub use entry::{Kind, StoredObject, StoredVersion};
pub use error::InventoryError;
pub use inventories::{Inventories, InventoriesConfig};
pub use inventory::{Basis, Inventory, KeptInventory, ScanCost};
pub use kept::VersionsSeen;
pub use odd::Oddity;
pub use question::diff::{KeyPair, KeyState};
pub use question::duplicates::{DuplicateGroup, DuplicateList};
pub use question::export::ExportFormat;
pub use question::folders::{OtherFolders, PrefixList, PrefixTotals, TreeNode};
pub use question::odd_names::{OddFilter, OddList, OddObject};
pub use question::uploads::{IncompleteUpload, UploadList, UploadOrder};
pub use scan::{ScanPhase, ScanStatus};
pub use summary::{ClassTotals, OddCount, RankedObject, Summary};
pub use totals::Totals;
