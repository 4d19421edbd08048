-- withFile closes its handle, also after an exception; many files are open at once; a closed
-- handle is an error; the same file has two independent positions.
module Main (main) where

import Control.Exception
import Control.Monad
import System.IO

main :: IO ()
main = do
  withFile "text.txt" ReadMode $ \h -> hGetLine h >>= putStrLn
  kept <- withFile "text.txt" ReadMode return
  r <- try (hGetLine kept)
  either (\e -> print (e :: IOException)) putStrLn r
  r2 <- try (withFile "text.txt" ReadMode (\h -> hGetLine h >> throwIO (ErrorCall "inside")))
  print (r2 :: Either ErrorCall ())
  hs <- replicateM 30 (openFile "numbers.csv" ReadMode)
  forM_ (zip [0 ..] hs) $ \(k, h) -> replicateM_ k (hGetLine h)
  mapM hGetLine hs >>= print
  mapM_ hClose hs
  forM_ [1 .. 300 :: Int] $ \_ -> withFile "hello.txt" ReadMode hGetLine
  a <- openFile "hello.txt" ReadMode
  print a
  hIsEOF a >>= print
  _ <- hGetLine a
  hIsEOF a >>= print
  hShow' a
  where hShow' h = hIsReadable h >>= print >> hIsWritable h >>= print >> hIsSeekable h >>= print >> hClose h >> hIsClosed h >>= print
