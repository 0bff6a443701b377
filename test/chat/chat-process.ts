import { ChatMessage, StoredChatHistory } from '../../src/chat/index.js'
import { SqliteJournalStore } from '../../src/durability/index.js'

const [path = '', chatId = '', mark = '', turns] = process.argv.slice(2)
const store = new SqliteJournalStore(path)
const history = new StoredChatHistory(store)
for (let turn = 0; turn < Number(turns); turn++) {
  await history.append(chatId, [
    new ChatMessage('user', `${mark} asks ${turn}`),
    new ChatMessage('assistant', `${mark} hears ${turn}`),
  ])
}
await store.close()
