// What a search came to, for programs: one JSON object.

import Foundation
import NetLab
import NetScript

private struct FindLine: Encodable {
  struct Failure: Encodable {
    var value: Int64
    var seed: UInt64
    var expectations: [String]
  }
  var question: String
  var path: String
  var unit: String
  var value: Int64?
  var monotone: Bool
  var interrupted: Bool
  var seeds: [UInt64]
  var runs: Int
  var wallSeconds: Double
  var failure: Failure?
  var exceptions: [Int64]
  var beyond: Failure?
  var triedBefore: [Int64]
  var triedBeyond: [Int64]

  private enum CodingKeys: String, CodingKey {
    case question, path, unit, value, monotone, interrupted, seeds, runs
    case wallSeconds = "wall_s"
    case failure, exceptions, beyond
    case triedBefore = "tried_before"
    case triedBeyond = "tried_beyond"
  }
}

extension FindReport {
  /// Values are in the unit that it names.
  func json() throws -> String {
    let values = { (places: [Int64]) in places.map(inquiry.dial.value) }
    let failed = { (query: Frontier.Query) in
      FindLine.Failure(
        value: inquiry.dial.value(query.value), seed: query.seed,
        expectations: search.failures[query]?.expectations.map(\.text) ?? [])
    }
    let line = FindLine(
      question: inquiry.question.text, path: inquiry.dial.name, unit: inquiry.dial.unit,
      value: answer.value.map(inquiry.dial.value), monotone: answer.isMonotone,
      interrupted: search.isInterrupted, seeds: inquiry.seeds, runs: search.runs,
      wallSeconds: search.seconds, failure: failureQuery.map(failed),
      exceptions: values(answer.exceptions), beyond: answer.beyond.map(failed),
      triedBefore: values(answer.triedBefore), triedBeyond: values(answer.triedBeyond))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    return String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
  }
}
