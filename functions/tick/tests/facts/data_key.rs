//! A data key does not stay for ever.

use std::sync::Arc;

use jiff::SignedDuration;
use runtime::KeyFile;
use serde_json::Value;
use store::{DATA_KEY_AGE, KeyRing};
use testkit::{SeededEntropy, World};

#[tokio::test]
async fn a_data_key_is_replaced_when_it_is_a_quarter_of_a_year_old() {
    let world = World::new().await;
    let ring = KeyRing::new(Arc::new(KeyFile::forgotten(Arc::new(SeededEntropy::new(3)))));
    let platform = world.platform.clone().with_keys(ring.clone());
    let tick = async || tick::handle(&platform, &Value::Null).await.expect("the clock runs");
    tick().await;
    assert!(ring.versions().is_empty(), "who starts makes the first, not the clock");
    platform.table().open_data_keys(platform.now()).await.expect("a data key");
    for versions in 1..4 {
        world.clock.advance(DATA_KEY_AGE - SignedDuration::from_secs(1));
        tick().await;
        assert_eq!(ring.versions().len(), versions);
        world.clock.advance(SignedDuration::from_secs(1));
        tick().await;
        tick().await;
        assert_eq!(ring.versions().len(), versions + 1);
    }
}
