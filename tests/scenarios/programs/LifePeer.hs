-- | A domain that goes on while another, LifeVictim, is destroyed at any moment and made anew: it
-- offers a port, grants a page and maps the other's, answers, and when the other is gone takes all of it
-- back and counts. tests/life/life.c does the destroying, and looks for what is left.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import Foreign

import Domains

data Event = Came | Gone

-- | What there is of the other.
data Guest = Guest
  { port :: Port
  , mine, theirs :: Maybe (Ptr Word64)
  , reference :: Reference
  , answers :: ThreadId
  }

quietly :: IO a -> IO (Either IOException a)
quietly = try

main :: IO ()
main = do
  events <- newChan
  _ <- forkIO (storeWatch "@releaseDomain" (writeChan events Gone))
  _ <- forkIO (storeWatch "/rendezvous/victim" (writeChan events Came))
  -- Each fires at first.
  replicateM_ 2 (readChan events)
  serve events Nothing 0 0

serve :: Chan Event -> Maybe Guest -> Int -> Int -> IO ()
serve events guest rounds met = do
  event <- readChan events
  case event of
    Came | Nothing <- guest -> greet >>= \new -> serve events new rounds met
    Came -> serve events guest rounds met
    Gone -> do
      mapM_ forget guest
      _ <- quietly (storeRemove "/rendezvous/victim")
      let others = met + maybe 0 (const 1) guest
      storeWrite "/rendezvous/met" (show others)
      storeWrite "/rendezvous/rounds" (show (rounds + 1))
      serve events Nothing (rounds + 1) others

-- | The other may be gone again at any time, so nothing of its must be there.
greet :: IO (Maybe Guest)
greet = do
  said <- quietly (storeRead "/rendezvous/victim")
  case words <$> said of
    Right [number, itsReference] -> do
      let other = read number
      page <- newPage
      granted <- grant other page
      channel <- offerPort other
      its <- quietly (mapGrant other (read itsReference))
      answering <- forkIO (answer channel (either (const Nothing) Just its) 0 `catch` ended)
      storeWrite "/rendezvous/peer" (show channel ++ " " ++ show granted)
      return (Just (Guest channel (Just page) (either (const Nothing) Just its) granted answering))
    _ -> return Nothing
  where
    ended :: IOException -> IO ()
    ended _ = return ()

answer :: Port -> Maybe (Ptr Word64) -> Word64 -> IO ()
answer channel its n = do
  waitFor channel
  mapM_ (`poke` n) its
  sendOn channel
  answer channel its (n + 1)

forget :: Guest -> IO ()
forget g = do
  killThread (answers g)
  -- Its end is closed, so there is nobody to send to; its page stays until it is unmapped.
  sendOn (port g) -- which is dropped
  mapM_ (`poke` 0) (theirs g)
  mapM_ unmapGrant (theirs g)
  endGrant (reference g)
  mapM_ freePage (mine g)
  closePort (port g)
  _ <- quietly (storeRemove "/rendezvous/peer")
  return ()
