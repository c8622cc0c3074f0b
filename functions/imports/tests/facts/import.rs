//! What an import does to the leads there are.

use crate::support::{Desk, account_for, known_leads, label, mixed, options};
use domain::assignment::{Member, Pool};
use domain::job::{ImportAssign, ImportOptions, JobStatus, Step, Tally};
use domain::lead::LeadDetails;
use domain::{AssignmentPool, Lead, Plan, Slot, UserId};
use std::num::NonZeroU32;
use store::ListQuery;

async fn leads(desk: &Desk) -> Vec<Lead> {
    let limit = NonZeroU32::new(1_000).expect("a limit");
    let oldest = ListQuery { newest_first: false, ..ListQuery::new(Slot::One, "all", "", limit) };
    desk.world.platform.table().list(&desk.grant, &oldest, |_| true).await.expect("a list").records
}

#[tokio::test]
async fn every_row_is_accounted_for() {
    let desk = Desk::new().await;
    known_leads(&desk).await;
    let (file, expected) = mixed();
    let job = desk.import(&file, options()).await;
    assert_eq!(account_for(&job, expected.rows()), expected);
    assert_eq!(job.chunks, 3);
    let problems = desk.problems(job.id).await;
    let told: Vec<_> = problems.iter().map(|(row, column, code)| (*row, column.as_str(), code.as_str())).collect();
    assert_eq!(
        told,
        [
            (50, "E-mail", "not_an_email_address"),
            (50, "Phone", "phone_too_short"),
            (51, "", "required"),
            (52, "H", "too_many_columns"),
            (53, "", "ambiguous"),
        ]
    );
    let imported = leads(&desk).await;
    let size = desk.world.platform.table().list_size::<Lead>(&desk.grant, "all", &[String::new()]).await;
    assert_eq!((imported.len(), size.expect("a size")), (54, 54));
    let known = imported.iter().find(|lead| lead.external_id == Some(label("known-1"))).expect("it is there");
    assert_eq!(known.city, Some(label("Pune")), "what is known stays: the later row said Mumbai");
    assert_eq!(known.email.as_ref().map(ToString::to_string).as_deref(), Some("first@example.com"));
    let chained = imported.iter().find(|lead| lead.external_id == Some(label("p-005"))).expect("it is there");
    assert!(chained.phone.is_some() && chained.email.is_some() && chained.touches == 3);
}

#[tokio::test]
async fn leads_stand_in_the_order_of_the_file() {
    let desk = Desk::new().await;
    desk.import(&mixed().0, options()).await;
    let ids: Vec<_> = leads(&desk).await.into_iter().filter_map(|lead| lead.external_id).collect();
    let in_order: Vec<_> = ids.iter().map(domain::Label::as_str).filter(|id| id.starts_with("p-")).collect();
    assert!(in_order.len() == 52 && in_order.is_sorted(), "{in_order:?}");
}

#[tokio::test]
async fn a_dry_run_tells_what_the_import_then_does_and_writes_no_lead() {
    let desk = Desk::new().await;
    known_leads(&desk).await;
    let (file, expected) = mixed();
    let promised = desk.import(&file, ImportOptions { dry_run: true, ..options() }).await;
    assert_eq!(promised.tally, expected);
    assert_eq!(leads(&desk).await.len(), 2);
    let done = desk.import(&file, options()).await;
    assert_eq!(done.tally, promised.tally);
    assert_eq!(desk.problems(done.id).await, desk.problems(promised.id).await);
}

#[tokio::test]
async fn the_same_rows_again_change_nothing() {
    let desk = Desk::new().await;
    known_leads(&desk).await;
    let (file, Tally { rejected, .. }) = mixed();
    desk.import(&file, options()).await;
    let before = leads(&desk).await;
    let again = desk.import(&file, options()).await;
    let rows = again.rows;
    assert_eq!(again.tally, Tally { unchanged: rows - rejected, rejected, ..Tally::default() });
    assert_eq!(leads(&desk).await, before);
}

#[tokio::test]
async fn one_address_imported_and_created_at_once_is_one_lead() {
    for pause in 0..3 {
        let desk = Desk::new().await;
        let id = desk.hand_in(b"E-mail,City\r\na_lead@example.com,Pune\r\n", options()).await;
        let mine =
            LeadDetails { email: Some("A_Lead@example.com".parse().expect("an address")), ..LeadDetails::default() };
        // Before the file is planned, between planning and doing, and while it is done.
        if pause == 0 {
            desk.a_lead(mine).await;
        } else {
            let plan = desk.receive().await;
            desk.work(&plan).await;
            if pause == 1 {
                desk.a_lead(mine).await;
            } else {
                let chunk = desk.receive().await;
                tokio::join!(desk.a_lead(mine), desk.work(&chunk));
            }
        }
        let job = desk.finish(id).await;
        assert_eq!(account_for(&job, 1).updated, 1, "at pause {pause}");
        let found = leads(&desk).await;
        assert_eq!((found.len(), &found[0].city), (1, &Some(label("Pune"))));
    }
}

#[tokio::test]
async fn leads_take_turns_in_the_order_of_the_file_and_the_pool_moves_on() {
    let desk = Desk::new().await;
    let user = |n: u8| UserId::at(desk.world.platform.now(), [n; 10]);
    let table = desk.world.platform.table();
    let pool: AssignmentPool =
        table.get(&desk.grant, AssignmentPool::id_of(desk.tenant.organization)).await.expect("a pool");
    let mut members = vec![Member::new(user(1)), Member::new(user(2))];
    members[0].weight = 2;
    let change = pool.edit(Pool::new(members).expect("a pool"), desk.world.platform.now());
    table.commit(&desk.grant, change).await.expect("the pool is set");

    let (file, expected) = mixed();
    let job = desk.import(&file, ImportOptions { assign: ImportAssign::Pool, ..options() }).await;
    // Without the two known leads, their rows are new.
    assert_eq!((job.tally.rows(), job.tally.rejected), (expected.rows(), 4));
    let imported = leads(&desk).await;
    let of = |n| imported.iter().filter(|lead| lead.assigned_to == Some(user(n))).count();
    assert_eq!(of(1) + of(2), imported.len(), "nobody is left out");
    assert!(of(1).abs_diff(of(2) * 2) <= 4, "{} to {}", of(1), of(2));
    let pool: AssignmentPool =
        table.get_to_change(&desk.grant, AssignmentPool::id_of(desk.tenant.organization)).await.expect("a pool");
    let turns: u64 = pool.pool.members().iter().map(|member| member.assigned).sum();
    assert!(turns >= imported.len() as u64, "{turns} turns for {} leads", imported.len());
}

#[tokio::test]
async fn a_file_that_breaks_off_is_failed_and_nothing_is_imported() {
    let desk = Desk::new().await;
    let mut file = b"Name,E-mail\r\n".to_vec();
    for n in 0..50 {
        file.extend_from_slice(format!("Person {n},person{n}@example.com\r\n").as_bytes());
    }
    file.extend_from_slice(b"\"never closed,x\r\n");
    let job = desk.import(&file, options()).await;
    assert_eq!(job.status, JobStatus::Failed);
    assert_eq!(job.failure.map(|failure| failure.code).as_deref(), Some("unclosed_quote"));
    assert!(leads(&desk).await.is_empty());
}

#[tokio::test]
async fn a_file_without_rows_is_completed() {
    let desk = Desk::new().await;
    let job = desk.import(b"Name,E-mail\r\n", options()).await;
    account_for(&job, 0);
}

#[tokio::test]
async fn what_is_no_step_fails_alone() {
    let desk = Desk::new().await;
    let id = desk.hand_in(b"Name\r\nPerson 1\r\n", options()).await;
    let mut messages = desk.receive().await;
    messages.push(crate::support::Message { receipt: "poison".into(), body: "{\"step\": \"dance\"}".into() });
    assert_eq!(desk.deliver(&messages).await, ["poison"]);
    assert_eq!(desk.job(id).await.status, JobStatus::Processing);
    // Steps of a job that is not there, or of a chunk that it has not, have nothing to do.
    desk.send(id, Step::Chunk(7)).await;
    desk.send(domain::JobId::at(desk.world.platform.now(), [0; 10]), Step::Plan).await;
    account_for(&desk.finish(id).await, 1);
}

#[tokio::test]
async fn rows_that_the_plan_has_no_room_for_are_told_and_the_others_are_imported() {
    let desk = Desk::new().await;
    let known = LeadDetails { email: Some("known@example.com".parse().expect("an address")), ..LeadDetails::default() };
    desk.a_lead(known).await;
    desk.world.settle().await;
    desk.world.choose_plan(&desk.tenant, Plan::Starter, 1_997).await;
    let mut file = b"Name,E-mail,Phone,City\r\n".to_vec();
    file.extend_from_slice(b"First,first@example.com,9876543210,\r\n");
    file.extend_from_slice(b"Known,known@example.com,,Pune\r\n");
    file.extend_from_slice(b"Second,second@example.com,,\r\n");
    file.extend_from_slice(b"Third,third@example.com,9876543211,\r\n");
    file.extend_from_slice(b"First again,,9876543210,Pune\r\n");
    file.extend_from_slice(b"Third again,,9876543211,Pune\r\n");
    let job = desk.import(&file, options()).await;
    assert_eq!((job.tally.created, job.tally.updated, job.tally.rejected), (2, 2, 2));
    let told: Vec<(u32, String)> = desk.problems(job.id).await.into_iter().map(|(row, _, code)| (row, code)).collect();
    assert_eq!(told, [(5, "plan_limit".to_owned()), (7, "plan_limit".to_owned())]);
    assert_eq!(desk.world.platform.table().live_leads(desk.tenant.organization).await.expect("a figure"), 2_000);
}
