/// <reference lib="esnext.disposable" preserve="true" />
import type { Client, Tool as ListedTool, Progress, RequestOptions } from '@modelcontextprotocol/client'
import { systemClock } from '../../core/index.js'
import { sleep, untilAborted } from '../../core/internal.js'
import { OptionError } from '../../errors/index.js'
import { HiddenValues } from '../hidden-values.js'
import type { ModelMessage } from '../model-message.js'
import { type FailedServer, serverFailed } from '../server-failure.js'
import type { AgentTool, ToolContext } from '../tool.js'
import { type McpConnection, openMcpConnection } from './mcp-connection.js'
import { contentText, promptMessages } from './mcp-content.js'
import { httpStatusOf, isConnectionLost, mcpFailure } from './mcp-failure.js'
import {
  type McpPrompt,
  type McpResource,
  type McpResourceContent,
  type McpResourceTemplate,
  type McpToolResult,
  only,
} from './mcp-listing.js'
import { checkMcpOptions, checkTimeout, type McpServerOptions } from './mcp-options.js'
import { resourceTool } from './mcp-resource-tool.js'
import { agentTools } from './mcp-tools.js'
import { checkToolsOptions, type McpToolsOptions } from './mcp-tools-options.js'

/** How a server is asked. */
export interface McpCallOptions {
  /** Ends the call, at the server too. */
  readonly signal?: AbortSignal | undefined
  /** In milliseconds. @default that of the server */
  readonly timeoutMs?: number
}

/** Makes an {@link McpServer}; nothing is started or connected yet. @throws OPTION_INVALID */
export function mcpServer(options: McpServerOptions): McpServer {
  return new McpServer(options)
}

/**
 * A server of the Model Context Protocol, whose tools, resources and prompts agents use. It needs the package
 * `@modelcontextprotocol/client`. The connection is made at the first use, shared by all that use it, and made anew at the next use
 * after it was lost. A call that was under way then has failed and is not repeated: nobody knows whether it took effect.
 *
 * ```ts
 * await using files = mcpServer({ name: 'files', command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '.'] })
 * const agent = new Agent({ client, model, tools: await files.tools({ include: ['read_file'] }) })
 * ```
 *
 * What a server says – its results, and the names and descriptions of its tools – goes to the model as it is, and can try to talk it
 * into something. Use servers you trust; take of others the tools you need, with `needsPermission` and guardrails.
 *
 * Failures are `TOOL_SERVER_FAILED`, which names the server and is retryable where that can help, or `TOOL_TIMED_OUT`. A process
 * started here runs until {@link McpServer.close}, and keeps this one alive.
 */
export class McpServer {
  readonly name: string
  readonly #options: McpServerOptions
  readonly #timeoutMs: number
  readonly #failed: FailedServer
  readonly #closing = new AbortController()
  readonly #abandoned = new Set<Promise<void>>()
  #connection: Promise<McpConnection> | undefined

  /** @throws OPTION_INVALID */
  constructor(options: McpServerOptions) {
    checkMcpOptions(options)
    this.name = options.name
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? 60_000
    const given = 'command' in options ? options.env : 'url' in options ? options.headers : undefined
    this.#failed = { who: `MCP server "${this.name}"`, name: this.name, hidden: new HiddenValues(given ?? {}) }
  }

  /**
   * The server's tools as they are now, for an agent. Their parameters are the server's, which also checks the arguments. A tool that
   * says it has failed is a tool that threw.
   * @throws OPTION_INVALID, also for a name in `include` that the server does not have; TOOL_SERVER_FAILED
   */
  async tools(options: McpToolsOptions = {}): Promise<AgentTool[]> {
    checkToolsOptions(options)
    const { tools } = await this.#ask('list its tools', options, (client, request) => client.listTools({}, request))
    const host = {
      name: this.name,
      timeoutMs: this.#timeoutMs,
      call: (tool: ListedTool, args: Readonly<Record<string, unknown>>, context: ToolContext) =>
        this.#callFor(context, tool, args, options.timeoutMs),
    }
    return agentTools(tools, host, options)
  }

  /**
   * Calls a tool, without an agent. A tool that says it has failed is a result too.
   * @throws TOOL_SERVER_FAILED, TOOL_TIMED_OUT
   */
  async callTool(
    name: string,
    args: Readonly<Record<string, unknown>> = {},
    options: McpCallOptions = {},
  ): Promise<McpToolResult> {
    return this.#call({ name, arguments: { ...args } }, options)
  }

  /** @throws TOOL_SERVER_FAILED, TOOL_TIMED_OUT */
  async resources(options: McpCallOptions = {}): Promise<McpResource[]> {
    const { resources } = await this.#ask('list its resources', options, (client, request) =>
      client.listResources({}, request),
    )
    return resources.map(each => only(each, ['uri', 'name', 'title', 'description', 'mimeType', 'size']))
  }

  /** @throws TOOL_SERVER_FAILED, TOOL_TIMED_OUT */
  async resourceTemplates(options: McpCallOptions = {}): Promise<McpResourceTemplate[]> {
    const { resourceTemplates } = await this.#ask('list its resource templates', options, (client, request) =>
      client.listResourceTemplates({}, request),
    )
    return resourceTemplates.map(each => only(each, ['uriTemplate', 'name', 'title', 'description', 'mimeType']))
  }

  /** @throws TOOL_SERVER_FAILED, also if there is no such resource; TOOL_TIMED_OUT */
  async readResource(uri: string, options: McpCallOptions = {}): Promise<McpResourceContent[]> {
    const { contents } = await this.#ask(`read ${uri}`, options, (client, request) =>
      client.readResource({ uri }, request),
    )
    return contents.map(each => ({
      ...only(each, ['uri', 'mimeType']),
      ...('text' in each ? { text: this.#failed.hidden.inResult(each.text) } : { base64: each.blob }),
    }))
  }

  /**
   * A tool with which an agent looks through the resources and reads them.
   * @throws OPTION_INVALID for a name that no model could be told
   */
  resourceTool(options: { /** @default 'read_resource' */ readonly name?: string } = {}): AgentTool {
    const { name = 'read_resource' } = options
    if (!/^[\w-]{1,64}$/.test(name)) throw new OptionError('name', 'letters, digits, `_` and `-`, at most 64', name)
    return resourceTool(
      {
        name: this.name,
        timeoutMs: this.#timeoutMs,
        resources: ({ signal }) => this.resources({ signal }),
        resourceTemplates: ({ signal }) => this.resourceTemplates({ signal }),
        readResource: (uri, { signal }) => this.readResource(uri, { signal }),
      },
      name,
    )
  }

  /** @throws TOOL_SERVER_FAILED, TOOL_TIMED_OUT */
  async prompts(options: McpCallOptions = {}): Promise<McpPrompt[]> {
    const { prompts } = await this.#ask('list its prompts', options, (client, request) =>
      client.listPrompts({}, request),
    )
    return prompts.map(each => ({
      ...only(each, ['name', 'title', 'description']),
      arguments: (each.arguments ?? []).map(({ required = false, ...argument }) => ({
        ...only(argument, ['name', 'description']),
        required,
      })),
    }))
  }

  /**
   * A prompt, filled in, as the messages of a conversation: `AgentRunner.run(agent, await server.prompt('review', { file }))`.
   * @throws TOOL_SERVER_FAILED, also for a prompt that is not there and arguments it does not take; TOOL_TIMED_OUT
   */
  async prompt(
    name: string,
    args: Readonly<Record<string, string>> = {},
    options: McpCallOptions = {},
  ): Promise<ModelMessage[]> {
    const { messages } = await this.#ask(`give prompt "${name}"`, options, (client, request) =>
      client.getPrompt({ name, arguments: { ...args } }, request),
    )
    return promptMessages(messages)
  }

  /** Ends the connection, and the process if one was started. What is under way fails, and so does every later use. */
  async close(): Promise<void> {
    this.#closing.abort(this.#isClosed())
    const connection = this.#connection
    this.#connection = undefined
    await connection?.then(
      open => open.close(),
      () => {},
    )
    // A process that does not heed the end of its input is ended by force after some seconds; one that never was never ends.
    const over = new AbortController()
    await Promise.race([Promise.all(this.#abandoned), sleep(systemClock, 6000, over.signal).catch(() => {})])
    over.abort()
  }

  /** The same as {@link McpServer.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #callFor(
    { signal, run, agent, callId }: ToolContext,
    { name }: ListedTool,
    args: Readonly<Record<string, unknown>>,
    timeoutMs = this.#timeoutMs,
  ): Promise<McpToolResult> {
    // A server that knows the key recognises a call that is repeated after a crash.
    const meta = run === undefined ? {} : { _meta: { 'advancer/idempotency-key': run.idempotencyKey } }
    const onProgress = ({ progress, total, message }: Progress): void => {
      if (signal.aborted) return
      const data = { server: this.name, tool: name, agent, callId, progress, total, message }
      run?.emit({ type: 'custom', name: 'mcp.progress', data: only(data, Object.keys(data) as (keyof typeof data)[]) })
    }
    const listening = run === undefined ? {} : { onprogress: onProgress }
    return this.#call({ name, arguments: { ...args }, ...meta }, { signal, timeoutMs }, listening)
  }

  async #call(
    params: Parameters<Client['callTool']>[0],
    options: McpCallOptions,
    more: RequestOptions = {},
  ): Promise<McpToolResult> {
    const result = await this.#ask(`call tool "${params.name}"`, options, (client, request) =>
      client.callTool(params, { ...request, ...more }),
    )
    const { content, structuredContent: structured, isError: failed = false } = result
    const text = contentText(content) || (structured === undefined ? '' : JSON.stringify(structured))
    const hidden = failed ? this.#failed.hidden.inError(text) : this.#failed.hidden.inResult(text)
    return { text: hidden, failed, ...(structured === undefined ? {} : { structured }) }
  }

  async #ask<T>(
    doing: string,
    { signal, timeoutMs = this.#timeoutMs }: McpCallOptions,
    work: (client: Client, request: RequestOptions) => Promise<T>,
  ): Promise<T> {
    checkTimeout('timeoutMs', timeoutMs)
    for (let isRepeated = false; ; isRepeated = true) {
      const pending = this.#connected(signal)
      const connection = await untilAborted(pending, signal)
      try {
        const request = { timeout: timeoutMs, ...(signal === undefined ? {} : { signal }) }
        return await work(connection.client, request)
      } catch (thrown) {
        signal?.throwIfAborted()
        if (this.#closing.signal.aborted) throw this.#isClosed()
        const isForgotten = connection.hasSession && httpStatusOf(thrown) === 404
        if (isForgotten || isConnectionLost(thrown)) this.#drop(pending)
        // A server that has forgotten the session has not begun with the call.
        if (!isForgotten || isRepeated) throw mcpFailure(this.#failed, { doing, timeoutMs, connecting: false }, thrown)
      }
    }
  }

  #connected(signal: AbortSignal | undefined): Promise<McpConnection> {
    signal?.throwIfAborted()
    if (this.#closing.signal.aborted) throw this.#isClosed()
    if (this.#connection !== undefined) return this.#connection
    const forget = (): void => {
      if (this.#connection === connection) this.#connection = undefined
    }
    const connection: Promise<McpConnection> = this.#open(forget)
    this.#connection = connection
    connection.catch(forget)
    return connection
  }

  async #open(onLost: () => void): Promise<McpConnection> {
    const { connectTimeoutMs: timeoutMs = 30_000 } = this.#options
    try {
      return await openMcpConnection(this.#options, timeoutMs, this.#closing.signal, onLost, gone => {
        this.#abandoned.add(gone)
        void gone.then(() => this.#abandoned.delete(gone))
      })
    } catch (thrown) {
      if (this.#closing.signal.aborted) throw this.#isClosed()
      throw mcpFailure(this.#failed, { doing: 'connect', timeoutMs, connecting: true }, thrown)
    }
  }

  #drop(connection: Promise<McpConnection>): void {
    if (this.#connection === connection) this.#connection = undefined
    // Nobody is there any more to say goodbye to.
    void connection.then(({ client }) => client.close()).catch(() => {})
  }

  #isClosed(): Error {
    const wayOut = 'Make a new one with mcpServer(), or close it later.'
    return serverFailed(this.#failed, { what: 'was closed', wayOut, retryable: false })
  }
}
