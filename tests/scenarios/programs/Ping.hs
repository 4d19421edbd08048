-- | One end of a channel between two domains: a page that is granted, and a port. The arguments are
-- a word that says nothing here, this domain's number and the other's, how many messages there are,
-- and "time" if the time that they take is asked for.
module Main (main) where

import Control.Concurrent
import Control.Monad
import Data.Word
import Foreign
import GHC.Clock (getMonotonicTimeNSec)
import System.Environment

import Domains

main :: IO ()
main = do
  arguments <- getArgs
  let (self : peer : more) = map read (filter (all (`elem` ['0' .. '9'])) arguments) :: [Int]
      count = fromIntegral (head (more ++ [1000])) :: Word64
  number <- ownDomain
  when (number /= self) $ putStrLn ("This is domain " ++ show number)
  page <- newPage
  reference <- grant peer page
  port <- offerPort peer
  storeWrite "data/ping" (show reference ++ " " ++ show port ++ " " ++ show count)
  storePermit "data/ping" self peer
  waitFor port -- the other is here

  -- Another thread runs while this one waits.
  others <- newMVar (0 :: Int)
  other <- forkIO (forever (modifyMVar_ others (return . (+ 1)) >> threadDelay 100))
  first <- talk page port 0 10
  killThread other
  ran <- readMVar others
  start <- getMonotonicTimeNSec
  final <- talk page port first count
  end <- getMonotonicTimeNSec
  putStrLn (show count ++ " messages; the last answer is " ++ show final)
  putStrLn ("Another thread ran meanwhile: " ++ show (ran > 0))
  when ("time" `elem` arguments) $
    putStrLn (show ((end - start) `div` (count - 10)) ++ " ns a round trip")

  poke page maxBound
  sendOn port
  waitFor port -- it has unmapped the page
  endGrant reference
  freePage page
  closePort port
  putStrLn "Done"

-- | Each message is a number, and its answer the next.
talk :: Ptr Word64 -> Port -> Word64 -> Word64 -> IO Word64
talk page port from to
  | from == to = return from
  | otherwise = do
      poke page from
      sendOn port
      waitFor port
      peek page >>= \answer -> talk page port answer to
