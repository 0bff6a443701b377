import { isTerminalEvent, type OrchestrationEvent } from '../../core/index.js'
import { costOfUsage, type PriceTable } from '../../resilience/index.js'
import { nodeOutput } from '../compile/node-output.js'
import { skipReason } from '../nodes/skip-reason.js'
import { settleApproval } from './settle-approval.js'
import type { StatusRow, StatusRows } from './status-rows.js'

/** Fills rows in with what events tell, one after another. */
export class EventStatuses {
  readonly #rows: StatusRows
  readonly #prices: PriceTable | undefined

  constructor(rows: StatusRows, prices: PriceTable | undefined) {
    this.#rows = rows
    this.#prices = prices
  }

  add(event: OrchestrationEvent): void {
    if (isTerminalEvent(event)) this.#end(event)
    if (event.type === 'orchestration.resumed' && event.path === undefined) this.#rows.resume()
    if (!('stateName' in event) || event.stateName === undefined) return
    const names = [...(event.path ?? []), event.stateName]
    if (event.type === 'custom' && event.name === 'workflow.node.skipped') {
      const { node, reason } = event.data as { readonly node: string; readonly reason: string }
      const skipped = this.#rows.find([...(event.path ?? []), node])
      if (skipped?.isOwn === true) this.#rows.skip(skipped.row, reason, event.at)
      return
    }
    const found = this.#rows.find(names)
    if (found === undefined) return
    const { row, isOwn } = found
    if (event.type === 'agent.usage') {
      this.#rows.addCost(row, costOfUsage(event, this.#prices) ?? 0)
    } else if (isOwn) this.#own(row, event.stateName, event)
  }

  #own(row: StatusRow, stateName: string, event: OrchestrationEvent): void {
    const { id, type } = row.node
    const isMain = stateName === id
    switch (event.type) {
      case 'state.started':
        this.#started(row, stateName, event.input, event.at)
        break
      case 'state.retrying':
        row.attempts++
        break
      case 'state.waiting':
        row.status = 'waiting'
        break
      case 'state.completed':
        if (!isMain) break
        row.output = nodeOutput(row.node, event.output)
        row.completedAt = event.at
        // In a loop with several turns at once, another one may have failed.
        delete row.errorMessage
        if (type === 'human_approval') settleApproval(row, event.output)
        else {
          row.status = 'completed'
          this.#rows.close(row, 'it was not needed', event.at)
        }
        break
      case 'state.failed':
        this.#rows.fail(row, { message: event.errorMessage }, event.at)
        break
      case 'state.skipped':
        if (row.status !== 'failed' && row.status !== 'completed')
          this.#rows.skip(row, skipReason(event.reason), event.at)
        break
      default:
    }
  }

  #end(event: OrchestrationEvent): void {
    if (event.type === 'orchestration.completed') this.#rows.complete(event.at)
    else if (event.type === 'orchestration.cancelled') this.#rows.giveUp(event.reason, event.at)
    else this.#rows.giveUp('the run has failed', event.at)
  }

  /** A node begins with its first state; a turn of a loop begins its nodes anew. */
  #started(row: StatusRow, stateName: string, input: unknown, at: number): void {
    const { id } = row.node
    if (stateName.endsWith('.refused')) return
    const isFirst = stateName !== id || row.status !== 'running' || row.startedAt === undefined
    row.status = 'running'
    if (!isFirst) return
    row.input = input
    row.startedAt = at
    row.attempts = 1
    row.isInvoked = stateName === id
    delete row.output
    delete row.completedAt
    delete row.errorMessage
  }
}
