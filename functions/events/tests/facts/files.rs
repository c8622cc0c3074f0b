//! The bytes of a file are there as long as its record is.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::file::{AREA, Contents, NewFile};
use domain::{File, FileId, FileType, UserId};
use standins::{Fault, Service};
use store::{FileError, keys};

use crate::support::Scene;

impl Scene {
    async fn a_file(&self) -> File {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let new = NewFile {
            id: FileId::at(now, platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            by: UserId::at(now, [1; 10]),
            name: "a.pdf".parse().expect("a name"),
            now,
        };
        let contents = Contents { content_type: FileType::Pdf, bytes: 6, sha256: "ab".repeat(32) };
        let files = platform.files().expect("files");
        // Where two looked at it at the same time, the bytes of one are of no use to anybody.
        for place in [contents.place(new.id), format!("{}/other", new.id)] {
            files.put(&self.grant, AREA, &place, "application/pdf", b"%PDF-1".to_vec()).await.expect("its bytes");
        }
        platform.table().commit(&self.grant, File::upload(new, contents)).await.expect("a file")
    }

    async fn has_bytes(&self, file: &File) -> bool {
        let place = file.contents().expect("it is ready").place(file.id);
        let files = self.world.platform.files().expect("files");
        match files.get(&self.grant, AREA, &place, 100).await {
            Ok(_) => true,
            Err(FileError::NotFound) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// The table purges it.
    async fn purge(&self, file: &File) {
        let key = keys::record(file.meta.organization, &file.id.to_string());
        let delete = self.world.standins.dynamo.client().delete_item().table_name(testkit::TABLE);
        let delete = delete.key("pk", AttributeValue::S(key.pk)).key("sk", AttributeValue::S(key.sk));
        delete.send().await.expect("it is purged");
    }
}

#[tokio::test]
async fn the_bytes_of_a_file_go_when_it_is_purged_and_not_before() {
    let scene = Scene::new(Fault::Lost, |call| call.service == Service::S3).await;
    let (kept, gone) = (scene.a_file().await, scene.a_file().await);
    let table = scene.world.platform.table();
    let deleted = table.commit(&scene.grant, gone.clone().delete(scene.world.platform.now())).await;
    deleted.expect("it is deleted");
    scene.follow_all().await;
    assert!(scene.has_bytes(&gone).await, "it may be restored");
    scene.purge(&gone).await;
    let news = scene.news().await;
    scene.break_it(true);
    assert_eq!(scene.follow(&news).await.batch_item_failures.len(), 1, "it comes again");
    scene.break_it(false);
    for _ in 0..2 {
        assert!(scene.follow(&news).await.batch_item_failures.is_empty());
    }
    assert!(!scene.has_bytes(&gone).await && scene.has_bytes(&kept).await);
    let files = scene.world.platform.files().expect("files");
    let other = files.get(&scene.grant, AREA, &format!("{}/other", gone.id), 100).await;
    assert!(matches!(other, Err(FileError::NotFound)), "nothing of it is left");
}
