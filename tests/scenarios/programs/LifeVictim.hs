-- | Talks to LifePeer for ever, and to XenStore: it will be destroyed, whatever it does.
module Main (main) where

import Control.Exception
import Control.Monad
import Foreign

import Domains

main :: IO ()
main = do
  other <- read <$> storeRead "/rendezvous/peer_id"
  self <- ownDomain
  page <- newPage
  reference <- grant other page
  storeWrite "/rendezvous/victim" (show self ++ " " ++ show reference)
  said <- storeAwait "/rendezvous/peer" $
    either (const Nothing) Just <$> (try (storeRead "/rendezvous/peer") :: IO (Either IOException String))
  let [offered, granted] = words said
  port <- bindPort other (read offered)
  talk other port (read granted) 0

talk :: Int -> Port -> Reference -> Word64 -> IO ()
talk other port granted n = do
  theirs <- mapGrant other granted
  forM_ [n .. n + 7] $ \m -> poke theirs m >> sendOn port >> waitFor port
  unmapGrant theirs
  storeWrite ("data/" ++ show (n `mod` 64)) "something"
  talk other port granted (n + 8)
